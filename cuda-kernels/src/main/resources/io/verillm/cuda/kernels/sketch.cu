// Summaries of rows: projections on random signs, and the elements of largest magnitude. Both are
// defined in io.verillm.core.spi.ComparisonKernels, in integers.
#include "types.cuh"

#define TILE 128
#define SKETCH_DOMAIN 2u
#define SELECT_THREADS 256
#define MAX_LARGEST 1024

static __device__ __forceinline__ u32 load_bits(const u8* row, u32 index, u32 element_bytes) {
  const u8* at = row + (u64)index * element_bytes;
  u32 bits = (u32)at[0] | ((u32)at[1] << 8);
  return element_bytes == 2 ? bits : bits | ((u32)at[2] << 16) | ((u32)at[3] << 24);
}

// The value of a binary16 pattern; a NaN stays one.
static __device__ __forceinline__ float half_value(u32 bits) {
  u32 sign = (bits & 0x8000u) << 16;
  u32 exponent = (bits >> 10) & 31u;
  u32 mantissa = bits & 0x3FFu;
  if (exponent == 0) {
    float small = __fmul_rn((float)mantissa, 5.9604644775390625e-8f); // 2^-24: exact
    return __uint_as_float(__float_as_uint(small) | sign);
  }
  u32 widened = exponent == 31 ? 255u : exponent + 112;
  return __uint_as_float(sign | (widened << 23) | (mantissa << 13));
}

// x * 2^16, rounded to nearest even, limited to 31 bits and a sign; 0 for NaN.
static __device__ __forceinline__ i32 fixed_point(u32 bits, u32 dtype) {
  float value = dtype == VERILLM_F32    ? __uint_as_float(bits)
                : dtype == VERILLM_BF16 ? __uint_as_float(bits << 16)
                                        : half_value(bits);
  if (value != value) {
    return 0;
  }
  double scaled = __dmul_rn((double)value, 65536.0);
  if (scaled >= 2147483647.0) {
    return 2147483647;
  }
  if (scaled <= -2147483647.0) {
    return -2147483647;
  }
  return __double2int_rn(scaled);
}

// Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011).
static __device__ __forceinline__ void philox(
    u32 c0, u32 c1, u32 c2, u32 c3, u32 k0, u32 k1, u32 out[4]) {
#pragma unroll
  for (int round = 0; round < 10; round++) {
    u32 high0 = __umulhi(0xD2511F53u, c0);
    u32 low0 = 0xD2511F53u * c0;
    u32 high1 = __umulhi(0xCD9E8D57u, c2);
    u32 low1 = 0xCD9E8D57u * c2;
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

// grid: rows x ceil(outputs / TILE), TILE threads. A thread makes one value of a row's sketch.
extern "C" __global__ void __launch_bounds__(TILE) sketch_rows(
    u64 address,
    u64 stride,
    u32 width,
    u32 dtype,
    u32 key_low,
    u32 key_high,
    u32 outputs,
    i64* sketches) {
  __shared__ i32 fixed[TILE];
  u32 tiles = (outputs + TILE - 1) / TILE;
  u32 row = blockIdx.x / tiles;
  u32 output = blockIdx.x % tiles * TILE + threadIdx.x;
  const u8* source = (const u8*)(address + row * stride);
  i64 sum = 0;
#pragma unroll 1
  for (u32 start = 0; start < width; start += TILE) {
    u32 index = start + threadIdx.x;
    u32 element_bytes = dtype == VERILLM_F32 ? 4 : 2;
    fixed[threadIdx.x] =
        index < width ? fixed_point(load_bits(source, index, element_bytes), dtype) : 0;
    __syncthreads();
    u32 signs[4];
    philox(start / TILE, output, 0, SKETCH_DOMAIN, key_low, key_high, signs);
#pragma unroll
    for (u32 word = 0; word < 4; word++) {
      u32 bits = signs[word];
#pragma unroll 4
      for (u32 i = 0; i < 32; i++) {
        i32 value = fixed[32 * word + i];
        sum += (bits & 1) != 0 ? -value : value;
        bits >>= 1;
      }
    }
    __syncthreads();
  }
  if (output < outputs) {
    sketches[(u64)row * outputs + output] = sum;
  }
}

// Larger for what comes first: the magnitude, then the lower index. Keys of a row are distinct.
static __device__ __forceinline__ u64 rank_key(u32 bits, u32 index, u32 element_bytes) {
  u32 magnitude = bits & (element_bytes == 4 ? 0x7FFFFFFFu : 0x7FFFu);
  return ((u64)magnitude << 32) | (0xFFFFFFFFu - index);
}

// grid: one block of SELECT_THREADS per row. Finds the key of rank `count` digit by digit, collects
// the keys from it on, and writes each at its rank.
extern "C" __global__ void __launch_bounds__(SELECT_THREADS) largest_elements(
    u64 address, u64 stride, u32 width, u32 element_bytes, u32 count, u32* places, u32* bits) {
  __shared__ u32 histogram[256];
  __shared__ u64 collected[MAX_LARGEST];
  __shared__ u64 prefix;
  __shared__ u32 wanted;
  __shared__ u32 found;
  const u8* row = (const u8*)(address + blockIdx.x * stride);
  if (threadIdx.x == 0) {
    prefix = 0;
    wanted = count;
    found = 0;
  }
#pragma unroll 1
  for (i32 shift = 56; shift >= 0; shift -= 8) {
    histogram[threadIdx.x] = 0;
    __syncthreads();
    u64 known = prefix;
#pragma unroll 1
    for (u32 i = threadIdx.x; i < width; i += SELECT_THREADS) {
      u64 key = rank_key(load_bits(row, i, element_bytes), i, element_bytes);
      if (shift == 56 || (key >> (shift + 8)) == (known >> (shift + 8))) {
        atomicAdd(histogram + ((key >> shift) & 255u), 1u);
      }
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      u32 left = wanted;
      u32 digit = 255;
      while (histogram[digit] < left) {
        left -= histogram[digit];
        digit--;
      }
      wanted = left;
      prefix = known | ((u64)digit << shift);
    }
    __syncthreads();
  }
  u64 least = prefix;
#pragma unroll 1
  for (u32 i = threadIdx.x; i < width; i += SELECT_THREADS) {
    u64 key = rank_key(load_bits(row, i, element_bytes), i, element_bytes);
    if (key >= least) {
      collected[atomicAdd(&found, 1u)] = key;
    }
  }
  __syncthreads();
#pragma unroll 1
  for (u32 i = threadIdx.x; i < count; i += SELECT_THREADS) {
    u64 key = collected[i];
    u32 rank = 0;
#pragma unroll 1
    for (u32 j = 0; j < count; j++) {
      rank += collected[j] > key;
    }
    u32 place = 0xFFFFFFFFu - (u32)key;
    u64 target = (u64)blockIdx.x * count + rank;
    places[target] = place;
    bits[target] = load_bits(row, place, element_bytes);
  }
}
