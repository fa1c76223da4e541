import { Pool } from "undici";

// 64 connections that each ask again as soon as they are answered.
const [url = "", path = "", key = "", milliseconds = "", body = ""] = process.argv.slice(2);
const connections = 64;
const pool = new Pool(url, { connections, pipelining: 1 });
const end = performance.now() + Number(milliseconds);
const start = performance.now();
let count = 0;
await Promise.all(Array.from({ length: connections }, async () => {
  while (performance.now() < end) {
    const answer = await pool.request({ path, method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${key}` }, body });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}: ${text}`);
    count += 1;
  }
}));
process.send?.({ rate: count / ((performance.now() - start) / 1000) });
await pool.close();
process.disconnect?.();
