// Types that every kernel file uses. Self-contained, so that NVRTC compiles it without a toolkit.
// With VERILLM_SHIM a plain C++ compiler takes the same files; see src/test/shim.
#pragma once

#ifdef VERILLM_SHIM
#include "shim.h"
#endif

typedef unsigned char u8;
typedef unsigned int u32;
typedef int i32;
typedef unsigned long long u64;
typedef long long i64;

// Codes of io.verillm.core.tensor.DType.
#define VERILLM_F32 1u
#define VERILLM_F16 2u
#define VERILLM_BF16 3u

// Whether a vector load of 16 bytes may start at every row of a view.
static __device__ __forceinline__ bool rows_aligned16(u64 address, u64 stride) {
  return ((address | stride) & 15u) == 0;
}

// The row of a segment or layout that holds an index: the last i with starts(i) <= index.
// starts(0) is 0 and starts ascend.
template <class Starts>
static __device__ __forceinline__ u32 last_not_above(u32 count, u32 index, Starts starts) {
  u32 low = 0;
  u32 high = count;
  while (high - low > 1) {
    u32 middle = (low + high) / 2;
    if (starts(middle) <= index) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}
