// Canonical arithmetic, fp32-seqk-muladd-v1: every operation is rounded once, to nearest even, in
// the stated order. The intrinsics keep the compiler from contracting a product and a sum.
// The definition is io.verillm.core.canonical.CanonicalMath.
#pragma once

#include "types.cuh"

static __device__ __forceinline__ float mul(float a, float b) { return __fmul_rn(a, b); }
static __device__ __forceinline__ float add(float a, float b) { return __fadd_rn(a, b); }
static __device__ __forceinline__ float sub(float a, float b) { return __fsub_rn(a, b); }

// acc + a·b in two roundings.
static __device__ __forceinline__ float mul_add(float acc, float a, float b) {
  return __fadd_rn(acc, __fmul_rn(a, b));
}

static __device__ __forceinline__ float canonical_exp(float x) {
  const float log2e = __uint_as_float(0x3FB8AA3Bu);    // 0x1.715476p0
  const float rounder = __uint_as_float(0x4B400000u);  // 0x1.8p23
  const float ln2_high = __uint_as_float(0x3F318000u); // 0x1.63p-1
  const float ln2_low = __uint_as_float(0xB95E8083u);  // -0x1.bd0106p-13
  float t = add(mul(x, log2e), rounder);
  float n = sub(t, rounder);
  float r = sub(sub(x, mul(n, ln2_high)), mul(n, ln2_low));
  float p = __fdiv_rn(1.0f, 5040.0f);
  p = add(mul(p, r), __fdiv_rn(1.0f, 720.0f));
  p = add(mul(p, r), __fdiv_rn(1.0f, 120.0f));
  p = add(mul(p, r), __fdiv_rn(1.0f, 24.0f));
  p = add(mul(p, r), __fdiv_rn(1.0f, 6.0f));
  p = add(mul(p, r), 0.5f);
  p = add(mul(p, r), 1.0f);
  p = add(mul(p, r), 1.0f);
  if (x >= -87.33f && x <= 88.72f) {
    return __uint_as_float(__float_as_uint(p) + (__float_as_uint(t) << 23));
  }
  return x < -87.33f  ? 0.0f
         : x > 88.72f ? __uint_as_float(0x7F800000u)
                      : __uint_as_float(0x7FC00000u);
}

static __device__ __forceinline__ float canonical_rsqrt(float x) {
  return __double2float_rn(__ddiv_rn(1.0, __dsqrt_rn((double)x)));
}

static __device__ __forceinline__ float canonical_silu(float x) {
  return __fdiv_rn(x, add(1.0f, canonical_exp(-x)));
}
