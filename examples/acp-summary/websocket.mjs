// As much of RFC 6455 as a server needs for JSON text: fragments, pings and closing, no extensions.
import { createHash } from "node:crypto";

const magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const largest = 1 << 20;

function frame(opcode, payload) {
  const { length } = payload;
  const header = length < 126 ? Buffer.from([0x80 | opcode, length]) : length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  if (length >= 126) {
    header[0] = 0x80 | opcode;
    header[1] = length < 65_536 ? 126 : 127;
    if (length < 65_536) header.writeUInt16BE(length, 2);
    else header.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([header, payload]);
}

// One whole frame from the front of the bytes; undefined until it is there.
function parse(bytes) {
  if (bytes.length < 2) return undefined;
  const short = bytes[1] & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start + 4) return undefined;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (length > largest || (bytes[1] & 0x80) === 0) throw new RangeError("too large, or not masked as a client's must be");
  const end = start + 4 + length;
  if (bytes.length < end) return undefined;
  const mask = bytes.subarray(start, start + 4);
  const payload = Buffer.from(bytes.subarray(start + 4, end));
  for (let at = 0; at < length; at++) payload[at] ^= mask[at & 3];
  return { final: (bytes[0] & 0x80) !== 0, opcode: bytes[0] & 0x0f, payload, end };
}

/** Accepts an upgrade; `onText` gets every message and a way to answer. Returns a way to close. */
export function acceptWebSocket(request, socket, head, onText) {
  const accept = createHash("sha1").update(request.headers["sec-websocket-key"] + magic).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  let bytes = Buffer.alloc(0);
  let parts = [];
  const close = (code = 1000) => {
    const status = Buffer.alloc(2);
    status.writeUInt16BE(code);
    if (socket.writable) socket.end(frame(8, status));
  };
  const send = (text) => socket.writable && socket.write(frame(1, Buffer.from(text)));
  const take = ({ final, opcode, payload }) => {
    if (opcode === 8) return close();
    if (opcode === 9) return socket.write(frame(10, payload));
    if (opcode > 2) return undefined;
    parts.push(payload);
    if (parts.reduce((sum, part) => sum + part.length, 0) > largest) throw new RangeError("too large");
    if (!final) return undefined;
    const text = Buffer.concat(parts).toString("utf8");
    parts = [];
    return onText(text, send, close);
  };
  const read = (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    try {
      for (let next = parse(bytes); next !== undefined; next = parse(bytes)) {
        bytes = bytes.subarray(next.end);
        take(next);
      }
    } catch {
      close(1009);
    }
  };
  socket.on("data", read).on("error", () => socket.destroy());
  if (head.length > 0) read(head);
  return close;
}
