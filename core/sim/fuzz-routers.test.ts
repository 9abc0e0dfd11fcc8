import { readDescription, readSoap } from '../portmap/igd.ts';
import { decodeNatPmp, encodeNatPmpMap } from '../portmap/nat-pmp.ts';
import { decodePcp, encodePcpMap } from '../portmap/pcp.ts';
import { readSsdp } from '../portmap/ssdp.ts';
import type { ParserRow } from './fuzz-parsers.ts';
import { fuzzParsers } from './fuzz-parsers.ts';
import { SeededRandom } from './random.ts';

const text = (data: string): Uint8Array => new TextEncoder().encode(data);

const DESCRIPTION =
  '<?xml version="1.0"?><!-- x --><root xmlns="urn:x"><URLBase>http://10.0.0.1:5000/</URLBase><device a=">"><serviceList><service>' +
  '<serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><controlURL><![CDATA[/c&l]]></controlURL>' +
  '</service></serviceList></device><GetExternalIPAddressResponse/></root>';
const SOAP =
  '<s:Envelope xmlns:s="x"><s:Body><u:GetExternalIPAddressResponse><NewExternalIPAddress>1.2.3.4&amp;&#65;&#x42;' +
  '</NewExternalIPAddress></u:GetExternalIPAddressResponse></s:Body></s:Envelope>';
const SOAP_FAULT =
  '<s:Envelope><s:Body><s:Fault><detail><UPnPError><errorCode>718</errorCode><errorDescription>no</errorDescription></UPnPError>' +
  '</detail></s:Fault></s:Body></s:Envelope>';

/** A request as a router sends it back. */
function answered(request: Uint8Array): Uint8Array {
  const out = request.slice();
  out[1] = (out[1] ?? 0) | 0x80;
  return out;
}

const ROWS: readonly ParserRow[] = [
  {
    name: 'answer of a router, PCP and NAT-PMP',
    corpus: [
      answered(
        encodePcpMap({
          client: '10.0.0.2',
          nonce: new Uint8Array(12),
          transport: 'tcp',
          inner: 1,
          outer: 2,
          lifetime: 3600,
        }),
      ),
      Uint8Array.from([...answered(encodeNatPmpMap('udp', 6881, 6881, 3600)), 0, 0, 14, 16]),
      Uint8Array.of(0, 128, 0, 0, 0, 0, 0, 9, 93, 184, 216, 34),
    ],
    code: [],
    parse: (data) => [decodePcp(data), decodeNatPmp(data)],
  },
  {
    name: 'answer to a search for routers',
    corpus: [
      text('HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nLOCATION: http://10.0.0.1:5000/r.xml\r\n\r\n'),
      text('NOTIFY * HTTP/1.1\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nLOCATION: http://[fe80::1]/\r\n\r\n'),
    ],
    code: [],
    parse: (data) => readSsdp(data),
  },
  {
    name: 'description of a router, UPnP',
    corpus: [text(DESCRIPTION), text(SOAP)],
    code: ['network'],
    parse: (data) => readDescription(data, 'http://10.0.0.1:5000/r.xml'),
  },
  {
    name: 'answer of a router, UPnP',
    corpus: [text(SOAP), text(SOAP_FAULT), text(DESCRIPTION)],
    code: ['network'],
    parse: (data) => readSoap(data, 'GetExternalIPAddress'),
  },
];

fuzzParsers(ROWS, new SeededRandom(4713));
