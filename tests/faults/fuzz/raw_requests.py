"""HTTP as no library writes it: whole requests as bytes, most of them broken in one or two places.

The same seed gives the same requests. Knows HTTP/1.1 and a few addresses; sends nothing.
"""

from random import Random

from tests.faults.fuzz import nasty

METHODS = (b"GET", b"GET", b"POST", b"POST", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"TRACE")
ODD_METHODS = (b"get", b"CONNECT", b"G\x00T", b"", b"POST" * 3_000, "GÄT".encode(), b"GET\t", b"{}")

ADDRESSES = (
    b"/",
    b"/menu/espresso/",
    b"/basket/",
    b"/orders/",
    b"/api/orders/",
    b"/board/",
    b"/me/",
    b"/me/export.json",
    b"/o/%s/",
    b"/bar/%s/take/",
    b"/manage/streams/%s/",
    b"/staff/login/",
    b"/inspect/orders/menuitem/%s/change/",
    b"/static/%s",
    b"/ws/board/",
    b"/ws/order/%s/",
    b"/ws/%s/",
    b"/livez",
    b"/readyz",
    b"/metrics",
)
ODD_TARGETS = (
    b"*",
    b"",
    b"//",
    b"http://evil.example/",
    b"http://[::1/",
    b"localhost:80",
    b"?",
    b"/?" + b"a=1&" * 700,
    b"/?after=1&" + b"%" * 50,
    b"/" + b"a/" * 4_000,
    b"/" + b"x" * 20_000,
    b"/static/../../etc/passwd",
    b"/static/%2e%2e/%2e%2e/etc/passwd",
    b"/\x00",
    b"/\xff\xfe",
    b"/caf\xc3\xa9/",
    b"/%",
    b"/%zz/%u0041/%c0%af",
    b"/ /",
    b"/#fragment",
)
VERSIONS = (b"HTTP/1.1",) * 12 + (
    b"HTTP/1.0",
    b"HTTP/2.0",
    b"HTTP/0.9",
    b"HTTP/1.1 x",
    b"",
    b"http",
)

HOSTS = (b"Host: 127.0.0.1",) * 10
ODD_HOSTS = (
    (),
    (b"Host: 127.0.0.1", b"Host: 127.0.0.1"),
    (b"Host: evil.example",),
    (b"Host:",),
    (b"Host: 127.0.0.1:99999999",),
    (b"Host: [::1",),
    (b"Host: a\x00b",),
    (b"Host: caf\xc3\xa9",),
    (b"Host: 127.0.0.1, evil.example",),
    (b"Host : 127.0.0.1",),
)

HEADERS = (
    b"Accept: text/html",
    b"Accept: application/json",
    b"Accept: " + b"a/b;q=x," * 500,
    b"Accept-Encoding: \xff",
    b"Accept-Language: " + b"de-" * 400,
    b"Authorization: Basic \xff\xff",
    b"Connection: close",
    b"Connection: keep-alive, Upgrade",
    b"Content-Encoding: gzip",
    b"Content-Length: -1",
    b"Content-Length: +5",
    b"Content-Length: 0x5",
    b"Content-Length: 5, 5",
    b"Content-Length: 99999999999999999999999999",
    b"Content-Length: " + b"9" * 5_000,
    b"Content-Length: \xb2",
    b"Content-Length:",
    b"Content-Type: application/json; charset=utf-8",
    b"Content-Type: application/x-www-form-urlencoded; charset=nonsense",
    b"Content-Type: application/x-www-form-urlencoded; charset=utf-16",
    b"Content-Type: multipart/form-data",
    b"Content-Type: multipart/form-data; boundary=",
    b"Content-Type: multipart/form-data; boundary=" + b"b" * 300,
    b"Content-Type: multipart/form-data; boundary=\xff\xfe",
    b"Content-Type: multipart/form-data; boundary=x; boundary=y",
    b"Content-Type: \xff",
    b"Content-Type:",
    b"Cookie: session=\xff\xfe; guest=\xed\xa0\x80",
    b"Cookie: session=" + b"x" * 6_000,
    b"Cookie: basket=.eJ:1:x; guest=a:b:c; csrf=\xc3\xa9",
    b'Cookie: messages="\\377"; session="a b',
    b"Cookie: ;;=;=;\x01",
    b"Daphne-Root-Path: /caf\xe9",
    b"Expect: 100-continue",
    b"Expect: 999-nonsense",
    b"If-Modified-Since: Mon, 99 Foo 9999 25:61:61 GMT",
    b"If-None-Match: \xff",
    b"Origin: null",
    b"Origin: http://127.0.0.1",
    b"Range: bytes=0-0,-1,99999999999999999999-",
    b"Referer: http://[\xff",
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    b"Sec-WebSocket-Key: x",
    b"Sec-WebSocket-Protocol: \xff, a b",
    b"Sec-WebSocket-Version: 13",
    b"Sec-WebSocket-Version: thirteen",
    b"TE: trailers",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: identity",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding:\x0bchunked",
    b"Upgrade: websocket",
    b"Upgrade: websocket",
    b"Upgrade: WebSocket\xff",
    b"Upgrade: h2c",
    b"User-Agent: <script>alert(1)</script>\xff",
    b"X-Forwarded-For: " + b"1.1.1.1, " * 400,
    b"X-Forwarded-For: \xff",
    b"X-Forwarded-Proto: https",
    b"X-CSRFToken: \xff",
    b"X-Request-ID: ..\xff",
    b"X_Underscore: 1",
    b"No colon at all",
    b": no name",
    b" folded: yes",
    b"Bad name: x",
    b"N\xffme: x",
    b"A: " + b"x" * 17_000,
    b"Nul: a\x00b",
    b"Lone: a\rb",
)

BODIES = (
    b"",
    b"milk",
    b"5\r\nmilk!\r\n0\r\n\r\n",
    b"5;ext=\xff\r\nmilk!\r\n0\r\nTrailer: x\r\n\r\n",
    b"zz\r\nmilk\r\n",
    b"-5\r\nmilk!\r\n0\r\n\r\n",
    b"ffffffffffffffff\r\nmilk",
    b"5\r\nmilk",
    b"0\r\n\r\nGET /board/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b'--x\r\nContent-Disposition: form-data; name="name"; filename="\xff"\r\n\r\n\xff\r\n--x--',
    b"--x\r\n\r\n",
    b"{" * 5_000,
    b'{"command_id": "\xff"}',
    b"command_id=%ff&name=%00&note=%ed%a0%80&item=espresso&quantity=1",
    b"x" * 70_000,
)


def raw_request(dice: Random) -> bytes:
    """One request; about half of them are fit to reach a page."""
    value = nasty.EVERY[dice.randrange(len(nasty.EVERY))]
    escaped = b"".join(b"%%%02X" % byte for byte in value[:800]) or b"-"
    address = dice.choice(ADDRESSES)
    target = address.replace(b"%s", escaped) if dice.random() < 0.88 else dice.choice(ODD_TARGETS)
    if dice.random() < 0.4:
        target += b"?" + dice.choice((b"at=", b"after=", b"q=", b"\xff=", b"order=")) + escaped
    method = dice.choice(METHODS if dice.random() < 0.95 else ODD_METHODS)
    headers = [dice.choice(HOSTS)] if dice.random() < 0.92 else [*dice.choice(ODD_HOSTS)]
    headers += dice.choices(HEADERS, k=dice.choice((0, 0, 1, 1, 2)))
    if dice.random() < 0.02:
        headers += [b"X-%d: y" % number for number in range(600)]
    body = dice.choice(BODIES) if dice.random() < 0.5 else b""
    if body and dice.random() < 0.6:
        headers.append(b"Content-Length: %d" % (len(body) + dice.choice((0, 0, 0, -1, 5))))
    dice.shuffle(headers)
    end = dice.choice((b"\r\n",) * 15 + (b"\n", b"\r"))
    request = end.join([b" ".join((method, target, dice.choice(VERSIONS))), *headers, b"", body])
    if dice.random() < 0.06:
        at = dice.randrange(len(request))
        request = request[:at] + dice.randbytes(dice.choice((0, 1, 8))) + request[at + 1 :]
    if dice.random() < 0.03:
        request = dice.randbytes(dice.choice((1, 50, 5_000)))
    return request
