"""Answers of the network: written down by one replay, given back in the next."""
import os
import shutil
import subprocess
import unittest

from harness import AgentTest

SERVER = """
    import http.server, itertools, ssl, sys

    asked = itertools.count()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = (b"%d " % next(asked)) * 100000
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            body = b"%s is number %d" % (self.rfile.read(int(self.headers["Content-Length"])), next(asked))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *unused):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if len(sys.argv) > 1:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    server.serve_forever()
"""

KEPT_OPEN = """
    import http.client, sys

    link = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
    for page in range(3):
        link.request("GET", "/%d" % page)
        print(link.getresponse().read()[-4:])
"""

BODIES = """
    import sys, time, urllib.request

    for body in sys.argv[2]:
        asked = urllib.request.Request("http://127.0.0.1:%s/" % sys.argv[1], body.encode(), {"X-Now": str(time.time_ns())})
        print(urllib.request.urlopen(asked).read())
"""

TLS = """
    import ssl, sys, urllib.request

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for page in range(2):
        print(urllib.request.urlopen("https://127.0.0.1:%s/" % sys.argv[1], context=context).read()[-4:])
"""

ASYNC = """
    import asyncio, sys

    async def ask():
        reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
        writer.write(b"GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n")
        answer = await reader.read()
        writer.close()
        return answer[-4:]

    print(asyncio.run(ask()))
"""


class Netplay(AgentTest):
    def serve(self, *words):
        path = self.write("../server.py", SERVER)
        env = {key: value for key, value in os.environ.items() if not key.startswith(("REPRISE_", "PYTHON"))}
        child = subprocess.Popen([shutil.which("python3") or "python3", path] + list(words), stdout=subprocess.PIPE, env=env)
        self.addCleanup(lambda: (child.kill(), child.wait(), child.stdout.close()))
        return child, child.stdout.readline().decode().strip()

    def given_back(self, program, *words):
        tape = os.path.join(self.root, "tape")
        os.mkdir(tape)
        server, port = self.serve(*words)
        self.write("main.py", program)
        free = [self.run_python("main.py", port).out for _ in range(2)]
        self.assertNotEqual(free[0], free[1])
        written = self.run_python("main.py", port, REPRISE_NET=tape)
        self.assertEqual(written.of("fault"), [])
        self.assertEqual(written.of("write"), [])
        server.kill()
        for _ in range(2):
            played = self.run_python("main.py", port, REPRISE_NET=tape)
            self.assertEqual((played.out, played.of("fault")), (written.out, []), played.err)
        return tape, port

    def test_several_answers_of_one_connection(self):
        tape, port = self.given_back(KEPT_OPEN)
        self.write("main.py", KEPT_OPEN.replace('"/%d"', '"/other%d"'))
        lost = self.run_python("main.py", port, code=None, REPRISE_NET=tape)
        self.assertNotEqual(lost.code, 0)
        self.assertIn("network answers", [one["what"] for one in lost.of("fault")])

    def test_an_answer_is_never_given_to_another_question(self):
        tape = os.path.join(self.root, "tape")
        os.mkdir(tape)
        server, port = self.serve()
        self.write("main.py", BODIES)
        written = self.run_python("main.py", port, "abc", REPRISE_NET=tape)
        server.kill()
        turned = self.run_python("main.py", port, "cab", REPRISE_NET=tape)
        self.assertEqual(turned.of("fault"), [])
        a, b, c = written.out.splitlines()
        self.assertEqual(turned.out.splitlines(), [c, a, b])
        for other in ("ax", "aa"):
            lost = self.run_python("main.py", port, other, code=None, REPRISE_NET=tape)
            self.assertEqual(lost.out.splitlines(), [a])
            self.assertIn("network answers", [one["what"] for one in lost.of("fault")])

    def test_who_waits_for_readiness_is_told(self):
        self.given_back(ASYNC)

    def test_what_tls_carries(self):
        if shutil.which("openssl") is None:
            self.skipTest("no openssl here")
        key, certificate = os.path.join(self.root, "key.pem"), os.path.join(self.root, "cert.pem")
        make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        subprocess.check_call(make + ["-keyout", key, "-out", certificate], stderr=subprocess.DEVNULL)
        self.given_back(TLS, certificate, key)

    def test_forked_children_have_tapes_of_their_own(self):
        self.given_back(
            """
            import os, sys, urllib.request

            for part in range(2):
                if os.fork() == 0:
                    print(urllib.request.urlopen("http://127.0.0.1:%s/" % sys.argv[1]).read()[-4:], flush=True)
                    os._exit(0)
                os.wait()
            """
        )


if __name__ == "__main__":
    unittest.main()
