/** Hosts that lead inside a network, or try to look as if they did not; never with a port. */
const hosts = [
  // loopback in every notation that some parser takes
  "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "017700000001",
  "0177.0x0.0.1", "127.0.0.1.", "127.000.000.001", "１２７.０.０.１", "127。0。0。1", "①②⑦.⓪.⓪.①", "%31%32%37.0.0.1", "0", "0.0.0.0", "00", "0x0", "0.0.0.0.",
  "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[0000::0001]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
  "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[::ffff:0:127.0.0.1]", "[::ffff:0.0.0.0]",
  // metadata services and platform addresses
  "169.254.169.254", "169.254.170.2", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "0xa9.0xfe.0xa9.0xfe", "169.254.43518", "169.16689662",
  "[::a9fe:a9fe]", "[::ffff:a9fe:a9fe]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "[fd00:ec2::254]", "[fe80::a9fe:a9fe]",
  "168.63.129.16", "100.100.100.200", "192.0.0.192", "metadata", "metadata.google.internal", "metadata.google.internal.", "instance-data",
  // private, shared, link-local, multicast, reserved, documentation
  "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255", "100.64.0.1", "100.127.255.255", "169.254.0.1",
  "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "0.1.2.3",
  "167772161", "0x0a000001", "012.0.0.1", "3232235521", "0xc0a80001", "192.168.1", "[fc00::1]", "[fd12:3456:789a::1]", "[fe80::1]", "[fec0::1]", "[ff02::1]",
  "[2001:db8::1]", "[100::1]", "[::ffff:10.0.0.1]", "[::ffff:c0a8:1]", "[64:ff9b::a00:1]", "[2002:a00:1::1]", "[::10.0.0.1]", "[2001:10::1]", "[5f00::1]", "[1::1]", "[4000::1]",
  // names of the inside
  "localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "agent.localhost", "ｌｏｃａｌｈｏｓｔ", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "host.docker.internal", "gateway.docker.internal",
  "kubernetes.default.svc.cluster.local", "printer.local", "router.lan", "db.internal", "vault.corp", "nas.home", "nas.home.arpa", "wiki.intranet", "redis", "mongodb",
  "1.0.0.127.in-addr.arpa", "hidden.onion",
];

/** URLs whose form alone is refused, whatever they lead to. `PORT` stands for the honeypot's. */
const forms = [
  "file:///etc/passwd", "gopher://127.0.0.1:PORT/_x", "ftp://127.0.0.1:PORT/", "dict://127.0.0.1:PORT/", "ldap://127.0.0.1:PORT/", "ws://127.0.0.1:PORT/", "data:text/plain,x",
  "javascript:alert(1)", "unix:///var/run/docker.sock", "http+unix://%2fvar%2frun%2fdocker.sock/", "blob:http://127.0.0.1:PORT/x", "//127.0.0.1:PORT/", "127.0.0.1:PORT", "http:127.0.0.1:PORT/",
  "http:/127.0.0.1:PORT/", "http:///127.0.0.1:PORT/", "http://user@127.0.0.1:PORT/", "http://user:pass@example.com/", "http://example.com@127.0.0.1:PORT/", "http://@example.com/", "http://:@example.com/",
  "http://example.com:80@127.0.0.1:PORT/", "http://127.0.0.1:PORT\\@example.com/", "http://example.com\\@127.0.0.1:PORT/", "http://127.0.0.1:PORT#@example.com/", "http://example.com/#fragment",
  "http://127.0.0.1:PORT?@example.com/", "http://exam ple.com/", "http://127.0.0.1\t:PORT/", "ht\ntp://127.0.0.1:PORT/", " http://127.0.0.1:PORT/", "http://127.0.0.1:PORT/\r\nHost: x", "http://127.0.0.1\u0000:PORT/",
  "http://[::1%25lo]:PORT/", "http://[::1%lo]:PORT/", "http://[fe80::1%25eth0]:PORT/", "http://256.256.256.256/", "http://1.2.3.4.5/", "http://0x100000000/", "http://example.com:0/", "http://example.com:22/",
  "http://example.com:25/", "http://example.com:6379/", "http://example.com:27017/", "http://example.com:2375/", "http://example.com:5432/", "http://example.com:65536/", "http://example.com:-1/",
  "http://8.8.8.8:23/", "http://[2606:4700::1111]:11211/", "http:///", "http://", "", "http://-bad-.example.com/", "http://a..example.com/", "http://.example.com/",
  `http://${"a".repeat(64)}.example.com/`, `http://${"a.".repeat(130)}com/`, `http://example.com/${"x".repeat(2_100)}`,
];

/** Every hostile URL, each under http and https where only the host matters. */
export const hostileUrls = (port: number): string[] => [
  ...hosts.flatMap((host) => [`http://${host}:${port}/x`, `https://${host}:${port}/x`]),
  ...hosts.map((host) => `http://${host}/`),
  ...forms.map((form) => form.replaceAll("PORT", String(port))),
];
