// SHA-256 (FIPS 180-4) on registers: the compression function and the two-to-one node of RFC 6962.
#pragma once

#include "types.cuh"

static __device__ const u32 SHA256_K[64] = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u,
    0xab1c5ed5u, 0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu,
    0x9bdc06a7u, 0xc19bf174u, 0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu,
    0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau, 0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u,
    0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u, 0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu,
    0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u, 0xa2bfe8a1u, 0xa81a664bu,
    0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u, 0x19a4c116u,
    0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u,
    0xc67178f2u};

static __device__ __forceinline__ u32 rotate_right(u32 x, u32 n) {
  return __funnelshift_r(x, x, n);
}

static __device__ __forceinline__ void sha256_start(u32 h[8]) {
  h[0] = 0x6a09e667u;
  h[1] = 0xbb67ae85u;
  h[2] = 0x3c6ef372u;
  h[3] = 0xa54ff53au;
  h[4] = 0x510e527fu;
  h[5] = 0x9b05688cu;
  h[6] = 0x1f83d9abu;
  h[7] = 0x5be0cd19u;
}

// Takes one block of 16 big-endian words into the state; destroys the words. Unrolled: about 22 KB
// of code, so a kernel should hold few copies.
static __device__ __forceinline__ void sha256_compress(u32 state[8], u32 w[16]) {
  u32 a = state[0];
  u32 b = state[1];
  u32 c = state[2];
  u32 d = state[3];
  u32 e = state[4];
  u32 f = state[5];
  u32 g = state[6];
  u32 h = state[7];
#pragma unroll
  for (int t = 0; t < 64; t++) {
    if (t >= 16) {
      u32 w15 = w[(t + 1) & 15];
      u32 w2 = w[(t + 14) & 15];
      u32 s0 = rotate_right(w15, 7) ^ rotate_right(w15, 18) ^ (w15 >> 3);
      u32 s1 = rotate_right(w2, 17) ^ rotate_right(w2, 19) ^ (w2 >> 10);
      w[t & 15] += s0 + w[(t + 9) & 15] + s1;
    }
    u32 t1 = h + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) +
             ((e & f) ^ (~e & g)) + SHA256_K[t] + w[t & 15];
    u32 t2 = (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) +
             ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

// The big-endian message word whose first byte is the last byte of `before` and whose other bytes
// are the first three of `word`, both as a little-endian machine loads them. It shifts by the one
// byte that stands before leaves and nodes, at the price of the byte swap that is needed anyway.
static __device__ __forceinline__ u32 shifted_big_endian(u32 before, u32 word) {
  return __byte_perm(before, word, 0x3456);
}

// SHA-256(0x01 || left || right) of two digests as big-endian words; the result replaces `out`.
static __device__ __forceinline__ void sha256_node(
    const u32 left[8], const u32 right[8], u32 out[8]) {
  u32 w[16];
  w[0] = (0x01u << 24) | (left[0] >> 8);
#pragma unroll
  for (int i = 1; i < 8; i++) {
    w[i] = __funnelshift_r(left[i], left[i - 1], 8);
  }
  w[8] = __funnelshift_r(right[0], left[7], 8);
#pragma unroll
  for (int i = 1; i < 8; i++) {
    w[8 + i] = __funnelshift_r(right[i], right[i - 1], 8);
  }
  u32 last = (right[7] << 24) | 0x00800000u;
  sha256_start(out);
#pragma unroll 1
  for (int block = 0; block < 2; block++) {
    sha256_compress(out, w);
    w[0] = last;
#pragma unroll
    for (int i = 1; i < 15; i++) {
      w[i] = 0;
    }
    w[15] = 65 * 8;
  }
}
