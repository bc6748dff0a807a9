# SPDX-License-Identifier: GPL-3.0-or-later
# xdp.py INTERFACE - an XDP program that lets everything pass, on the interface for as long as this runs
import ctypes, os, signal, socket, struct, sys

BPF, PROG_LOAD, LINK_CREATE = 321, 5, 28  # bpf(2) of x86-64
XDP, ON_XDP, GENERIC = 6, 37, 2


def bpf(command, fields):
    attr = ctypes.create_string_buffer(fields, 128)
    fd = libc.syscall(BPF, command, attr, len(attr))
    if fd < 0:
        sys.exit("bpf %d: %s" % (command, os.strerror(ctypes.get_errno())))
    return fd


libc = ctypes.CDLL(None, use_errno=True)
code = ctypes.create_string_buffer(struct.pack("<BBhiBBhi", 0xB7, 0, 0, 2, 0x95, 0, 0, 0), 16)  # r0 = XDP_PASS; exit
gpl = ctypes.create_string_buffer(b"GPL")
program = bpf(PROG_LOAD, struct.pack("<IIQQ", XDP, 2, ctypes.addressof(code), ctypes.addressof(gpl)))
link = bpf(LINK_CREATE, struct.pack("<IIII", program, socket.if_nametoindex(sys.argv[1]), ON_XDP, GENERIC))
print("attached", flush=True)
signal.pause()
