import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createStream } from "node:net";
import { expect, test } from "vitest";
import { why } from "#replay";
import { environment, gitProject, PYTHON } from "../../run/project.ts";

/** A server whose answer is another one each time. */
function counting(): Promise<Server> {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    response.end(`${request.url} ${asked}\n`.repeat(3));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

const portOf = (server: { address(): AddressInfo | string | null }): number => (server.address() as AddressInfo).port;

async function whyOf(source: string) {
  const project = gitProject({ "train.py": source });
  const env = environment();
  try {
    const baseline = await project.run([PYTHON, "train.py"], { env });
    expect(baseline.exitCode).toBe(0);
    return await why({ baseline, store: project.store, version: "test", env, budget: { replays: 120 } });
  } finally {
    project.remove();
  }
}

const told = (found: Awaited<ReturnType<typeof why>>): string[] =>
  found.causes.map(({ kind, file, line, certainty }) => `${kind} @ ${file}:${line} ${certainty}`);

test("what a server answers is a cause: with one replay's answers given back the others agree", async () => {
  const server = await counting();
  try {
    const found = await whyOf(
      `import random
import urllib.request

rows = []
for page in range(3):
    with urllib.request.urlopen("http://127.0.0.1:${portOf(server)}/data?page=%d" % page) as answer:
        text = answer.read().decode()
    rows += [int(line.split()[1]) for line in text.splitlines()]
noise = random.random()
print("loss=%.12f" % (sum(rows) / 7 + noise), rows)
`,
    );
    expect(told(found), JSON.stringify(found, null, 1)).toEqual([
      "network @ train.py:7 controlled",
      "unseeded-rng @ train.py:9 proved",
    ]);
    expect(found.divergence).toMatchObject({ line: 7, variable: "text" });
    expect(found.unresolved).toEqual([]);
  } finally {
    server.close();
  }
});

test("a stream in which the server speaks first is given back too", async () => {
  let asked = 0;
  const server = createStream((socket) => {
    socket.on("error", () => undefined);
    asked += 1;
    socket.write(`hello ${asked}\n`);
    socket.on("data", (data) => socket.end(`${data.toString().trim()} ${asked * 3}\n`));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const found = await whyOf(
      `import socket

def ask(question):
    with socket.create_connection(("127.0.0.1", ${portOf(server)})) as link:
        greeting = link.recv(100)
        link.sendall(question)
        answer = link.recv(100)
    return greeting, answer

print("result", ask(b"weights\\n"))
`,
    );
    expect(told(found), JSON.stringify(found, null, 1)).toEqual(["network @ train.py:5 controlled"]);
  } finally {
    server.close();
  }
});

test("a server within the run is no network: its answers go on being asked for", async () => {
  const found = await whyOf(
    `import http.server
import random
import threading
import urllib.request

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"%f" % random.Random().random())

    def log_message(self, *unused):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
thread = threading.Thread(target=server.serve_forever, daemon=True)
thread.start()
answer = urllib.request.urlopen("http://127.0.0.1:%d/" % server.server_address[1]).read()
server.shutdown()
print("result", float(answer))
`,
  );
  expect(told(found), JSON.stringify(found, null, 1)).toEqual(["unseeded-rng @ train.py:10 proved"]);
});
