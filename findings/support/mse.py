"""The dialling side of message stream encryption (MSE), for the findings."""
import hashlib
import os
import socket
import struct

PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563", 16
)  # fmt: skip


def sha1(*parts):
    return hashlib.sha1(b"".join(parts)).digest()


def rc4(key):
    """Encrypts or decrypts what is passed one after the other; the first 1024 bytes of the stream are left out."""
    s = list(range(256))
    j = 0
    for i in range(256):
        j = (j + s[i] + key[i % len(key)]) & 255
        s[i], s[j] = s[j], s[i]

    def stream():
        i = j = 0
        while True:
            i = (i + 1) & 255
            j = (j + s[i]) & 255
            s[i], s[j] = s[j], s[i]
            yield s[(s[i] + s[j]) & 255]

    key_stream = stream()
    for _ in range(1024):
        next(key_stream)
    return lambda data: bytes(byte ^ next(key_stream) for byte in data)


def dial(host, port, info_hash, provide, greeting):
    """Sends a handshake of 68 bytes with a dial that offers `provide` (1 plain text, 2 RC4); the handshake that comes back."""
    secret = int.from_bytes(os.urandom(20), "big")
    with socket.create_connection(("10.77.0.1", port), 10, (host, 0)) as connection, connection.makefile("rb") as incoming:
        connection.sendall(pow(2, secret, PRIME).to_bytes(96, "big"))
        shared = pow(int.from_bytes(incoming.read(96), "big"), secret, PRIME).to_bytes(96, "big")
        encrypt, decrypt = (rc4(sha1(name, shared, info_hash)) for name in (b"keyA", b"keyB"))
        masked = bytes(a ^ b for a, b in zip(sha1(b"req2", info_hash), sha1(b"req3", shared)))
        offer = encrypt(bytes(8) + struct.pack(">IHH", provide, 0, len(greeting)) + greeting)
        connection.sendall(sha1(b"req1", shared) + masked + offer)
        constant, heard = decrypt(bytes(8)), b""
        while not heard.endswith(constant):
            byte = incoming.read(1)
            if not byte:
                raise SystemExit("cannot run: an encrypted dial was closed")
            heard += byte
        selected, pad = struct.unpack(">IH", decrypt(incoming.read(6)))
        decrypt(incoming.read(pad))
        answer = incoming.read(68)
        return decrypt(answer) if selected == 2 else answer
