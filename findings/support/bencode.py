"""Bencode and a small torrent of 128 KiB, for the findings."""
import hashlib

DATA = bytes(range(256)) * 512


def encode(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, list):
        return b"l" + b"".join(map(encode, value)) + b"e"
    pairs = sorted((key.encode() if isinstance(key, str) else key, item) for key, item in value.items())
    return b"d" + b"".join(encode(key) + encode(item) for key, item in pairs) + b"e"


def decode(data, at=0):
    """The value at an offset and the offset behind it; keys become text."""
    kind = data[at : at + 1]
    if kind == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1 : end]), end + 1
    if kind in (b"l", b"d"):
        at += 1
        items = []
        while data[at : at + 1] != b"e":
            item, at = decode(data, at)
            items.append(item)
        if kind == b"l":
            return items, at + 1
        return {key.decode("latin1"): item for key, item in zip(items[::2], items[1::2])}, at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    return data[colon + 1 : end], end


def hashes(data, piece_length):
    return b"".join(hashlib.sha1(data[i : i + piece_length]).digest() for i in range(0, len(data), piece_length))


def info(piece_length=32768, **extra):
    """The info dictionary of DATA as one file."""
    base = {"name": "one.bin", "length": len(DATA), "piece length": piece_length, "pieces": hashes(DATA, piece_length)}
    return {**base, **extra}


def write_torrent(path, info_dictionary, **top):
    """Writes a torrent file; returns its info-hash in hex."""
    with open(path, "wb") as file:
        file.write(encode({**{key.replace("_", " "): value for key, value in top.items()}, "info": info_dictionary}))
    return hashlib.sha1(encode(info_dictionary)).hexdigest()
