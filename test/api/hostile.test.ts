import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { call, type CallOptions, createInstance, manifest, registerAgent, slug } from "./calls.ts";
import { startApi, type TestApi } from "./support.ts";

let api: TestApi;
beforeAll(async () => { api = await startApi(); });
afterAll(() => api.close());

const register = (path: string, options: CallOptions) => call(api.url, "POST", path, { key: api.publisher.key, ...options });
const yaml = (body: string): CallOptions => ({ body, headers: { "content-type": "application/yaml" } });
const head = (): string => api.services.tail.head;

describe("manifests that were made to hurt a parser", () => {
  const good = "name: n\nversion: '1'\n";
  const hostile: readonly (readonly [string, string])[] = [
    ["sequences nested 900 deep", "[".repeat(900) + "]".repeat(900)],
    ["sequences nested 10,000 deep", "[".repeat(10_000) + "]".repeat(10_000)],
    ["maps nested 900 deep", "{a: ".repeat(900) + "1" + "}".repeat(900)],
    ["blocks nested 900 deep", Array.from({ length: 240 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
    ["dashes nested 5,000 deep", `${"- ".repeat(5000)}a`],
    ["aliases that multiply", `a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nd: [*c, *c, *c]`],
    ["an alias of itself", "a: &a [*a]"],
    ["merge keys", `base: &b {x: 1}\n${good}docker:\n  <<: *b`],
    ["a function", `${good}description: !!js/function 'function () { return 1 }'`],
    ["a regular expression", `${good}description: !!js/regexp /x/`],
    ["an unknown tag", `${good}description: !<tag:example.com,2026:x> y`],
    ["a name twice", `${good}name: m`],
    ["two documents", `${good}---\n${good}`],
    ["many names", Array.from({ length: 5000 }, (_, at) => `k${at}: 1`).join("\n")],
    ["the prototype", `${good}__proto__:\n  polluted: 1`],
    ["a list", "- a\n- b"],
    ["a word", "hello"],
    ["an endless quote", `${good}description: "${"x".repeat(30_000)}`],
    ["tabs", `${good}docker:\n\tport: 1`],
    ["control characters", `${good}description: "\u0001"`],
    ["a directive", `%YAML 9.9\n---\n${good}`],
    ["a key that is a map", `? {a: b}\n: c\n${good}`],
    ["infinity for a price", `${good}pricing:\n  type: per_request\n  price: .inf`],
    ["not a number for a limit", `${good}limits:\n  max_instances: .nan`],
    ["a number with digits for a week", `${good}limits:\n  max_instances: ${"9".repeat(20_000)}`],
  ];

  test.each(hostile)("%s: refused 50 times in one process, which lives on", async (_what, body) => {
    const before = head();
    const answers = await Promise.all(Array.from({ length: 50 }, () => register("/agents/register-docker", yaml(body))));
    expect(new Set(answers.map((answer) => `${answer.status} ${String(answer.text.includes("node_modules"))}`))).toEqual(new Set(["422 false"]));
    expect(head()).toBe(before);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect((await call(api.url, "GET", "/livez")).status).toBe(200);
  });
});

describe("addresses that lead inside", () => {
  const inside = `http://127.0.0.1/ http://127.1/ http://0/ http://0x7f.1/ http://0177.0.0.1/ http://017700000001/ http://2130706433/ http://2852039166/ http://0xa9fea9fe/
    http://0251.0376.0251.0376/ http://1.2.3/ http://localhost/ http://LOCALHOST./ http://foo.localhost/ http://[::1]/ http://[::]/ http://[::ffff:127.0.0.1]/ http://[::127.0.0.1]/
    http://[64:ff9b::a9fe:a9fe]/ http://[2002:7f00:1::]/ http://[fe80::1]/ http://[fd00:ec2::254]/ http://[ff02::1]/ http://[::a9fe:a9fe]/ http://10.0.0.1/ http://172.31.255.255/
    http://192.168.0.1/ http://169.254.169.254/latest/meta-data/ http://169.254.170.2/ http://168.63.129.16/ http://100.100.100.200/ http://192.0.0.192/ http://198.18.0.1/
    http://224.0.0.1/ http://255.255.255.255/ http://metadata.google.internal/ http://metadata/ http://kubernetes.default.svc/ http://host.docker.internal/ http://x.local/
    http://127.0.0.1.nip.io/ http://localtest.me/ http://１２７.０.０.１/ http://①②⑦.⓪.⓪.①/ http://127。0。0。1/ https://u:p@example.com/ https://@example.com/
    http://example.com@127.0.0.1/ http://127.0.0.1#@example.com/ http://example.com:22/ http://example.com:6379/ http://example.com:2375/ http://example.com:0/ http://example.com:99999/
    file:///etc/passwd gopher://example.com/ ftp://example.com/ javascript:alert(1) data:text/html,x unix:///var/run/docker.sock //example.com/ http:/example.com http:///example.com
    http://example.com\\@127.0.0.1/ http://%31%32%37.0.0.1/ http://256.256.256.256/ http://[::1`.split(/\s+/);

  test.each(inside)("%s", async (endpoint) => {
    expect(slug(await register("/agents/register", { body: { metadata: manifest("inside", { endpoint }) } }))).toBe("endpoint-not-allowed");
  });
});

describe("image references that no registry takes", () => {
  test.each(["", "-v", "a b", "A/b", "a/B", "../x", "a//b", "/a", "a/", "a:", "a@", "a@sha256:xyz", "a:t:t", "a/b:-x", "http://a/b", "docker://a", "a;rm -rf /", "$(x)", "a\nb", "a\u0000", "ａ", "a___b",
    "localhost:99999/a", "x".repeat(300), `${"a".repeat(64)}`, `a@sha256:${"A".repeat(64)}`, "a.a_".repeat(20_000), null, 5, [], {}])("%j", async (docker_image) => {
    expect(slug(await register("/agents/register-docker", { body: { docker_image, metadata: manifest("image") } }))).toBe("invalid-image-reference");
  });
});

describe("endpoints that would leave an agent's address", () => {
  test("are refused before anything is admitted", async () => {
    const instance = await createInstance(api, await registerAgent(api, "paths"));
    for (const endpoint of ["", "a", "//evil", "/\\evil", "\\\\evil", "/../a", "/a/..", "/./a", "/%2e/a", "/.%2e/a", "/%2E%2E/a", "/a/%2e%2e", "/a%2fb", "/a%5cb", "/a b", "/a\tb", "/a#b", "/a\r\nX: y", "/a%0d%0aX:y", "/a%00", "/a/..;/b", "@evil", "http://evil/", "/".repeat(50_000)]) {
      const answer = await call(api.url, "POST", `/marketplace/instances/${instance}/execute`, { key: api.customer.key, body: { endpoint } });
      expect([endpoint.slice(0, 40), slug(answer)]).toEqual([endpoint.slice(0, 40), "invalid-endpoint-path"]);
    }
    expect((await call(api.url, "GET", `/marketplace/instances/${instance}/tasks`, { key: api.customer.key })).body["tasks"]).toEqual([]);
  });
});
