"""Counts words over HTTP, with the standard library alone."""
import json
import os
import re
import signal
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
LARGEST = 1_000_000


class Refused(Exception):
    """What the caller sent makes no sense; the text goes back to them."""


def text_of(parameters):
    text = parameters.get("text")
    if not isinstance(text, str):
        raise Refused("text must be a string")
    return text


def count(parameters):
    text = text_of(parameters)
    return {"words": len(WORD.findall(text)), "lines": len(text.splitlines()), "characters": len(text)}


def top(parameters):
    limit = parameters.get("limit", 10)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= 100:
        raise Refused("limit must be a whole number from 1 to 100")
    words = Counter(word.casefold() for word in WORD.findall(text_of(parameters)))
    # The alphabet decides between words that are equally frequent, so that the same text gives the same answer.
    ranked = sorted(words.items(), key=lambda item: (-item[1], item[0]))[:limit]
    return {"top": [{"word": word, "count": times} for word, times in ranked]}


ENDPOINTS = {"/count": count, "/top": top}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path == "/health":
            self.answer(200, {"status": "ok"})
        else:
            self.answer(404, {"error": "no such endpoint"})

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST:
            self.close_connection = True
            self.answer(413, {"error": "the body is too large"})
            return
        body = self.rfile.read(length)
        endpoint = ENDPOINTS.get(self.path)
        if endpoint is None:
            self.answer(404, {"error": "no such endpoint"})
            return
        try:
            parameters = json.loads(body or b"{}")
            if not isinstance(parameters, dict):
                raise Refused("the body must be a JSON object")
            self.answer(200, endpoint(parameters))
        except Refused as refused:
            self.answer(422, {"error": str(refused)})
        except ValueError:
            self.answer(400, {"error": "the body must be JSON"})

    def log_message(self, format, *args):
        pass  # a line for every health probe helps nobody


def main():
    server = ThreadingHTTPServer(("0.0.0.0", int(os.environ.get("AGENTHUB_AGENT_PORT", "8000"))), Handler)
    # shutdown() waits for the loop that a signal handler interrupts, so it needs a thread of its own.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"wordcount listens on {server.server_address[1]}", flush=True)
    server.serve_forever()
    sys.exit(0)


if __name__ == "__main__":
    main()
