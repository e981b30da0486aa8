// Rows copied one after the other: what an opening shows of a cache that stays on the device.
#include "types.cuh"

// grid: one block per copied row.
extern "C" __global__ void gather_rows(
    u64 address, u64 stride, u32 row_bytes, const i32* indices, u8* out) {
  const u8* source = (const u8*)(address + (u64)indices[blockIdx.x] * stride);
  u8* target = out + (u64)blockIdx.x * row_bytes;
  if (rows_aligned16(address | (u64)out, stride | row_bytes)) {
    for (u32 i = threadIdx.x; i < row_bytes / 16; i += blockDim.x) {
      ((uint4*)target)[i] = ((const uint4*)source)[i];
    }
  } else {
    for (u32 i = threadIdx.x; i < row_bytes; i += blockDim.x) {
      target[i] = source[i];
    }
  }
}
