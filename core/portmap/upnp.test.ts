import { describe, expect, test } from 'vitest';
import { escaped } from '../base/escaped.ts';
import { readDescription, readSoap, soapCall } from './igd.ts';
import { encodeSearch, readSsdp } from './ssdp.ts';
import { childText, MAX_XML_BYTES, readXml } from './xml.ts';

const text = (data: string): Uint8Array => new TextEncoder().encode(data);

describe('XML', () => {
  test.for([
    ['elements', '<a><b>1</b><c/></a>', { name: 'a', text: '', children: [{ name: 'b', text: '1' }, { name: 'c' }] }],
    ['prefixes and attributes', '<x:a y="<>&quot;" z=\'"\'> t </x:a >', { name: 'a', text: 't' }],
    ['what is left out', '<?xml version="1.0"?>\n<!-- <b> --><a>1<!-- - -->2</a>\n', { name: 'a', text: '12' }],
    ['entities', '<a>&lt;&#65;&#x42;&amp;amp;&nope;&#0;&#x110000;</a>', { text: '<AB&amp;&nope;&#0;&#x110000;' }],
    ['raw text', '<a><![CDATA[<b>&lt;]]></a>', { text: '<b>&lt;', children: [] }],
    ['a byte order mark', '\ufeff<a>1</a>', { text: '1' }],
  ] as const)('%s', ([, data, expected]) => {
    expect(readXml(text(data))).toMatchObject(expected);
  });

  test.for([
    ['nothing', ''],
    ['text alone', 'hello'],
    ['cut off in a tag', '<a><b'],
    ['cut off between tags', '<a><b></b>'],
    ['cut off in a comment', '<a><!-- x'],
    ['cut off in raw text', '<a><![CDATA[ x'],
    ['crossed', '<a><b></a></b>'],
    ['an end alone', '</a>'],
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['no name', '<a>< ></ ></a>'],
    ['too deep', `${'<a>'.repeat(30)}${'</a>'.repeat(30)}`],
    ['too many', `<a>${'<b/>'.repeat(5_000)}</a>`],
    ['too long', `<a>${' '.repeat(MAX_XML_BYTES)}</a>`],
  ] as const)('%s is refused', ([, data]) => {
    expect(() => readXml(text(data))).toThrow(/cannot be read/);
  });

  test('text is bounded, and what is escaped is read back', () => {
    expect(readXml(text(`<a>${'x'.repeat(10_000)}</a>`)).text).toHaveLength(2_048);
    const odd = `<&>"'`;
    expect(readXml(text(`<a>${escaped(odd)}</a>`)).text).toBe(odd);
  });

  test('time grows with length alone', () => {
    const data = text(`<a>${'<b c="'.repeat(20_000)}`);
    expect(() => readXml(data)).toThrow(/cut off/);
  });
});

const service = (type: string, control: string): string =>
  `<service><serviceType>urn:schemas-upnp-org:service:${type}</serviceType><controlURL>${control}</controlURL></service>`;
const description = (services: string, base = ''): Uint8Array =>
  text(
    `<root>${base}<device><deviceList><device><serviceList>${services}</serviceList></device></deviceList></device></root>`,
  );
const AT = 'http://10.0.0.1:5000/root.xml';

describe('a description', () => {
  test.for([
    ['version 1', 'WANIPConnection:1', 'connection'],
    ['version 2', 'WANIPConnection:2', 'connection'],
    ['over PPP', 'WANPPPConnection:1', 'connection'],
    ['a firewall', 'WANIPv6FirewallControl:1', 'firewall6'],
  ] as const)('%s', ([, type, kind]) => {
    expect(readDescription(description(service('Layer3Forwarding:1', '/l') + service(type, '/ctl')), AT)).toEqual([
      { kind, type: `urn:schemas-upnp-org:service:${type}`, control: 'http://10.0.0.1:5000/ctl' },
    ]);
  });

  test.for([
    ['from the place of the description', '', 'ctl', 'http://10.0.0.1:5000/ctl'],
    ['from the base that it names', '<URLBase>http://10.0.0.1:80/x/</URLBase>', 'ctl', 'http://10.0.0.1/x/ctl'],
    ['a base that is none', '<URLBase>nowhere</URLBase>', '/ctl', 'http://10.0.0.1:5000/ctl'],
    ['a full one', '', 'http://10.0.0.1:81/ctl', 'http://10.0.0.1:81/ctl'],
    ['on another host', '', 'http://10.0.0.2/ctl', undefined],
    ['by a base on another host', '<URLBase>http://127.0.0.1/</URLBase>', '/ctl', undefined],
    ['of another kind', '', 'file:///etc/passwd', undefined],
    ['empty', '', '', undefined],
    ['endless', '', `/${'x'.repeat(2_000)}`, undefined],
  ] as const)('where calls go: %s', ([, base, control, place]) => {
    const found = readDescription(description(service('WANIPConnection:1', control), base), AT);
    expect(found.map((one) => one.control)).toEqual(place === undefined ? [] : [place]);
  });

  test('few services are taken', () => {
    const many = Array.from({ length: 100 }, (_, i) => service('WANIPConnection:1', `/${i}`)).join('');
    expect(readDescription(description(many), AT)).toHaveLength(8);
  });
});

describe('calls', () => {
  const type = 'urn:schemas-upnp-org:service:WANIPConnection:1';
  test('a call', () => {
    const { headers, body } = soapCall({ kind: 'connection', type, control: AT }, 'Act', { A: '<', B: 2 });
    expect(headers['SOAPAction']).toBe(`"${type}#Act"`);
    const root = readXml(body);
    const act = root.children[0]?.children[0];
    expect([act?.name, act && childText(act, 'A'), act && childText(act, 'B')]).toEqual(['Act', '<', '2']);
  });

  test.for([
    [
      'values',
      '<E><B><u:ActResponse><X>1</X><Y/></u:ActResponse></B></E>',
      {
        kind: 'answer',
        values: new Map([
          ['X', '1'],
          ['Y', ''],
        ]),
      },
    ],
    [
      'a fault',
      '<E><B><Fault><detail><UPnPError><errorCode>718</errorCode></UPnPError></detail></Fault></B></E>',
      { kind: 'fault', code: 718 },
    ],
    [
      'a fault without a number',
      '<E><UPnPError><errorCode>x</errorCode></UPnPError></E>',
      { kind: 'fault', code: 501 },
    ],
    [
      'a fault with a long text',
      `<E><UPnPError><errorCode>1</errorCode><errorDescription>${'\u0007x'.repeat(200)}</errorDescription></UPnPError></E>`,
      { text: ' x'.repeat(50) },
    ],
  ] as const)('%s', ([, body, expected]) => {
    expect(readSoap(text(body), 'Act')).toMatchObject(expected);
  });

  test('the answer to another call is none', () => {
    expect(() => readSoap(text('<E><B><OtherResponse/></B></E>'), 'Act')).toThrow(/did not answer/);
  });
});

describe('searches', () => {
  test('a search', () => {
    const said = new TextDecoder().decode(encodeSearch('upnp:rootdevice', 6, 2));
    expect(said.split('\r\n')).toEqual([
      'M-SEARCH * HTTP/1.1',
      'HOST: [ff02::c]:1900',
      'MAN: "ssdp:discover"',
      'MX: 2',
      'ST: upnp:rootdevice',
      '',
      '',
    ]);
  });

  const rest = 'Location: http://10.0.0.1/r\r\nST: x\r\n\r\n';
  test.for([
    ['an answer', `HTTP/1.1 200 OK\r\n${rest}`, { location: 'http://10.0.0.1/r', target: 'x', notified: false }],
    ['with bare line ends', 'HTTP/1.1 200\nLOCATION:http://10.0.0.1/r\nST:x\n', { location: 'http://10.0.0.1/r' }],
    ['a device that comes', 'NOTIFY * HTTP/1.1\r\nNT: x\r\nNTS: ssdp:alive\r\nLOCATION: a\r\n\r\n', { notified: true }],
    ['a device that goes', 'NOTIFY * HTTP/1.1\r\nNT: x\r\nNTS: ssdp:byebye\r\nLOCATION: a\r\n\r\n', undefined],
    ['a search of another program', `M-SEARCH * HTTP/1.1\r\n${rest}`, undefined],
    ['an error', `HTTP/1.1 404 No\r\n${rest}`, undefined],
    ['no place', 'HTTP/1.1 200 OK\r\nST: x\r\n\r\n', undefined],
    ['an endless place', `HTTP/1.1 200 OK\r\nST: x\r\nLOCATION: ${'x'.repeat(600)}\r\n\r\n`, undefined],
    ['an endless answer', `HTTP/1.1 200 OK\r\n${rest}${' '.repeat(5_000)}`, undefined],
    ['behind a hundred lines', `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(100)}${rest}`, undefined],
  ] as const)('%s', ([, data, expected]) => {
    const device = readSsdp(text(data));
    if (expected === undefined) expect(device).toBeUndefined();
    else expect(device).toMatchObject(expected);
  });
});
