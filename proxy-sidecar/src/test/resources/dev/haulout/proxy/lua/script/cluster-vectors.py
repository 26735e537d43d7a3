#!/usr/bin/python3
"""Writes cluster-vectors.txt: which node of a cluster an account is given, by rendezvous hashing with BLAKE2b.

Each line: the nodes, separated by blanks, then a tab, then for each of the accounts account00000 to account09999 the
index of its node as a letter from 'a' on. Independent of Haulout: Python's own hashlib.
"""
import hashlib
import ipaddress
import struct

CLUSTERS = [
    ["192.168.0.2", "192.168.0.3", "192.168.0.4"],
    ["10.0.0.%d" % n for n in range(1, 12)],
    ["[2001:db8::1]:3306", "[2001:db8::2]:3306", "127.0.0.1"],
    ["/run/mysqld/one.sock", "@two", "10.1.2.3"],
]


def key(node):
    if node.startswith("/"):
        return node.encode() + b"\0"
    if node.startswith("@"):
        return b"\0" + node[1:].encode()
    return ipaddress.ip_address(node.removesuffix(":3306").strip("[]")).packed


def weight(node, account):
    digest = hashlib.blake2b(key(node) + account.encode(), digest_size=16).digest()
    return struct.unpack("<Q", digest[:8])[0]


with open("cluster-vectors.txt", "w") as out:
    for nodes in CLUSTERS:
        chosen = "".join(
            chr(ord("a") + min(range(len(nodes)), key=lambda n: weight(nodes[n], "account%05d" % i)))
            for i in range(10000)
        )
        out.write(" ".join(nodes) + "\t" + chosen + "\n")
