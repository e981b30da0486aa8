// Kernels with one mistake each, which the shim or a sanitizer must report.

extern "C" __global__ void divergent_barrier(unsigned* out) {
  if (threadIdx.x < 16) {
    __syncthreads();
  } else {
    out[0] = 1;
    __syncthreads();
  }
}

extern "C" __global__ void early_exit(unsigned* out) {
  if (threadIdx.x == 3) {
    return;
  }
  __syncthreads();
  out[threadIdx.x] = 1;
}

// Gives back poison where it should have written before.
extern "C" __global__ void unwritten_shared(unsigned* out) {
  __shared__ unsigned words[32];
  if (threadIdx.x != 5) {
    words[threadIdx.x] = 7;
  }
  __syncthreads();
  out[threadIdx.x] = words[threadIdx.x];
}

// Reads the neighbour's value without waiting for it: right in one order of threads only.
extern "C" __global__ void missing_barrier(unsigned* out) {
  __shared__ unsigned words[32];
  words[threadIdx.x] = threadIdx.x;
  out[threadIdx.x] = words[(threadIdx.x + 31) % 32];
}

extern "C" __global__ void write_beyond(unsigned* out) { out[threadIdx.x + 1] = 1; }

extern "C" __global__ void shared_beyond(unsigned* out) {
  __shared__ unsigned words[8];
  memset(words, 1, 4 * (threadIdx.x + 1));
  out[0] = words[0];
}

extern "C" __global__ void signed_overflow(unsigned* out) {
  int value = 0x7FFFFFFF;
  value += (int)threadIdx.x;
  out[threadIdx.x] = (unsigned)value;
}
