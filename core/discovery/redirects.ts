import { EnsembleError } from '../base/errors.ts';
import type { Scope } from '../base/ip-scope.ts';
import { millis } from '../base/ids.ts';
import { MAX_REDIRECTS, redirectPlace } from '../base/redirect-place.ts';
import type { Clock } from '../ports/clock.ts';
import type { Http, HttpRequest, HttpResponse } from '../ports/http.ts';

/**
 * GET over redirects, all within `request.timeout`. Redirects may only lead outwards: a server in the internet cannot send us into
 * a private network, and a server in a private network cannot send us to this machine. `ask` makes the URL of the request from the
 * URL that was redirected to. `who`: whose server it is, for the sentence of a refusal. `ends`: such a redirect is the
 * answer.
 */
export async function getOverRedirects(
  { http, clock }: { readonly http: Http; readonly clock: Clock },
  request: HttpRequest,
  ask: (place: string) => string,
  who = 'The tracker',
  ends: (location: string) => boolean = () => false,
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
    if (response.location === undefined || ends(response.location)) return response;
    if (redirects >= MAX_REDIRECTS) throw refused(who, `more than ${MAX_REDIRECTS} times`);
    // Where it is not known who answered, it counts as a stranger in the internet.
    innermost = response.scope ?? 'global';
    const to = redirectPlace(response.location, place, request.url);
    if ('refused' in to) throw refused(who, to.refused);
    place = to.url.href;
  }
}

function refused(who: string, what: string): EnsembleError {
  return new EnsembleError('tracker', `${who} sends us on ${what}: it is not followed`);
}
