import { EnsembleError } from '../base/errors.ts';
import type { Scope } from '../base/ip-scope.ts';
import { millis } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Http, HttpRequest, HttpResponse } from '../ports/http.ts';

const MAX_REDIRECTS = 5;
/** Most characters of a redirect's target. */
const MAX_LOCATION = 4096;

/**
 * GET over redirects, all within `request.timeout`. Redirects may only lead outwards: a server in the internet cannot send us into
 * a private network, and a server in a private network cannot send us to this machine. `ask` makes the URL of the request from the
 * URL that was redirected to.
 */
export async function getOverRedirects(
  { http, clock }: { readonly http: Http; readonly clock: Clock },
  request: HttpRequest,
  ask: (place: string) => string,
): Promise<HttpResponse> {
  const end = clock.now() + request.timeout;
  let place = request.url;
  let innermost: Scope | undefined = request.innermost;
  for (let redirects = 0; ; redirects++) {
    const response = await http.get({
      ...request,
      url: ask(place),
      timeout: millis(Math.max(1, end - clock.now())),
      ...(innermost !== undefined && { innermost }),
    });
    if (response.location === undefined) return response;
    if (redirects >= MAX_REDIRECTS) throw refused(`more than ${MAX_REDIRECTS} times`);
    // Where it is not known who answered, it counts as a stranger in the internet.
    innermost = response.scope ?? 'global';
    place = placeOf(response.location, place, request.url);
  }
}

/** The URL that a redirect leads to. A redirect cannot choose our user name and password, and these go to no other server. */
function placeOf(location: string, place: string, first: string): string {
  if (location.length > MAX_LOCATION || !URL.canParse(location, place)) throw refused('to what is no valid address');
  const to = new URL(location, place);
  if (to.protocol !== 'http:' && to.protocol !== 'https:')
    throw refused(`to ${to.protocol} only http and https are spoken`);
  const { origin, username, password } = new URL(first);
  to.username = to.origin === origin ? username : '';
  to.password = to.origin === origin ? password : '';
  return to.href;
}

function refused(what: string): EnsembleError {
  return new EnsembleError('tracker', `The tracker sends us on ${what}: it is not followed`);
}
