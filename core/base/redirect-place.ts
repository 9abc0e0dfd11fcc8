/** How often a redirect is followed. */
export const MAX_REDIRECTS = 5;
/** Most characters of a redirect's target. */
const MAX_LOCATION = 4096;

/**
 * The URL that a redirect from `place` leads to, after `first` was asked for, or why it is not followed, as in "it sends us on ...".
 * A redirect cannot choose our user name and password, and these go to no other server.
 */
export function redirectPlace(
  location: string,
  place: string,
  first: string,
): { readonly url: URL } | { readonly refused: string } {
  if (location.length > MAX_LOCATION || !URL.canParse(location, place))
    return { refused: 'to what is no valid address' };
  const url = new URL(location, place);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return { refused: `to ${url.protocol} only http and https are spoken` };
  }
  const { origin, username, password } = new URL(first);
  url.username = url.origin === origin ? username : '';
  url.password = url.origin === origin ? password : '';
  return { url };
}
