"""Lets hashlib have MD4, which pure-Python NTLM clients need and Debian's OpenSSL keeps back."""

import ctypes


def load():
    crypto = ctypes.CDLL("libcrypto.so.3")
    crypto.OSSL_PROVIDER_load.restype = ctypes.c_void_p
    # Once one provider is loaded by name, the default one is not loaded by itself any more.
    for provider in (b"legacy", b"default"):
        if not crypto.OSSL_PROVIDER_load(None, provider):
            raise RuntimeError(f"OpenSSL has no {provider.decode()} provider")
