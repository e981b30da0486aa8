// A libcuda.so.1 that runs the kernel files of the shim, so that the Java side is tested down to
// the last parameter pointer. It is stricter than a driver about contexts and handles. What it
// plays is chosen by FAKE_CUDA: nothing for a device, "none" for no device, "old" for a driver that
// takes none of the binaries, "broken" for one that does not start, "full" for a device without
// memory, "wrong" for one whose launches do nothing, "lazy" for one that stops after a self-check.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <set>
#include <string>

#include "runtime.h"

namespace {
enum { OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, INVALID_CONTEXT = 201,
       NO_BINARY = 209, INVALID_HANDLE = 400, NOT_FOUND = 500, LAUNCH_FAILED = 719 };

std::mutex mutex;
std::set<void*> handles;
std::map<uint64_t, size_t> device_memory;
std::set<std::string> names;
int context_marker;
thread_local int depth = 0;

bool plays(const char* role) {
  const char* wanted = getenv("FAKE_CUDA");
  return wanted != nullptr && strcmp(wanted, role) == 0;
}

int make_handle(void** out) {
  if (depth == 0) {
    return INVALID_CONTEXT;
  }
  *out = new char;
  handles.insert(*out);
  return OK;
}

int drop_handle(void* handle) {
  if (handles.erase(handle) == 0) {
    return INVALID_HANDLE;
  }
  delete (char*)handle;
  return OK;
}

// A null stream is the default one.
int usable(void* handle, bool null_is_fine) {
  if (depth == 0) {
    return INVALID_CONTEXT;
  }
  return handles.count(handle) != 0 || (null_is_fine && handle == nullptr) ? OK : INVALID_HANDLE;
}

bool on_device(uint64_t address, size_t bytes) {
  auto after = device_memory.upper_bound(address);
  if (after == device_memory.begin()) {
    return false;
  }
  --after;
  return address + bytes <= after->first + after->second;
}
}  // namespace

#define API extern "C" int
#define LOCKED std::lock_guard<std::mutex> guard(mutex)

API cuInit(unsigned) { return plays("broken") ? NO_DEVICE : OK; }
API cuDeviceGetCount(int* count) {
  *count = plays("none") ? 0 : 1;
  return OK;
}
API cuDeviceGet(int* device, int ordinal) {
  *device = 0;
  return ordinal == 0 ? OK : INVALID_VALUE;
}
API cuDeviceGetName(char* name, int length, int) {
  strncpy(name, "g++ driver", (size_t)length);
  return OK;
}
API cuDeviceGetAttribute(int* value, int attribute, int) {
  *value = attribute == 75 ? 9 : attribute == 76 ? 0 : attribute == 16 ? 4 : -1;
  return *value < 0 ? INVALID_VALUE : OK;
}
API cuDriverGetVersion(int* version) {
  *version = 13000;
  return OK;
}
API cuDevicePrimaryCtxRetain(void** context, int) {
  *context = &context_marker;
  return OK;
}
API cuCtxPushCurrent_v2(void* context) {
  depth++;
  return context == &context_marker ? OK : INVALID_CONTEXT;
}
API cuCtxPopCurrent_v2(void** context) {
  *context = &context_marker;
  return depth-- > 0 ? OK : INVALID_CONTEXT;
}
API cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  *least = 0;
  *greatest = -5;
  return OK;
}
API cuStreamCreateWithPriority(void** stream, unsigned flags, int priority) {
  LOCKED;
  return flags == 1 && priority <= 0 && priority >= -5 ? make_handle(stream) : INVALID_VALUE;
}
API cuStreamDestroy_v2(void* stream) {
  LOCKED;
  return drop_handle(stream);
}
API cuStreamSynchronize(void* stream) {
  LOCKED;
  return usable(stream, false);
}
API cuStreamWaitEvent(void* stream, void* event, unsigned) {
  LOCKED;
  return usable(stream, false) != OK ? usable(stream, false) : usable(event, false);
}
API cuEventCreate(void** event, unsigned) {
  LOCKED;
  return make_handle(event);
}
API cuEventRecord(void* event, void* stream) {
  LOCKED;
  return usable(event, false) != OK ? usable(event, false) : usable(stream, true);
}
API cuEventElapsedTime_v2(float* millis, void* from, void* to) {
  LOCKED;
  *millis = 1;  // nothing is timed here
  return usable(from, false) != OK ? usable(from, false) : usable(to, false);
}
API cuEventSynchronize(void* event) {
  LOCKED;
  return usable(event, false);
}
API cuEventDestroy_v2(void* event) {
  LOCKED;
  return drop_handle(event);
}
API cuModuleLoadData(void** module, const void* image) {
  LOCKED;
  uint32_t magic;
  memcpy(&magic, image, 4);
  if (magic != 0xBA55ED50u) {
    return INVALID_VALUE;
  }
  return plays("old") ? NO_BINARY : make_handle(module);
}
API cuModuleGetFunction(void** function, void* module, const char* name) {
  LOCKED;
  if (usable(module, false) != OK) {
    return usable(module, false);
  }
  if (!shim::has_kernel(name)) {
    return NOT_FOUND;
  }
  *function = (void*)names.insert(name).first->c_str();
  return OK;
}
API cuMemAlloc_v2(uint64_t* address, size_t bytes) {
  LOCKED;
  if (depth == 0 || bytes == 0) {
    return depth == 0 ? INVALID_CONTEXT : INVALID_VALUE;
  }
  void* block =
      bytes > (1ull << 31) || plays("full")
          ? nullptr
          : ::operator new(bytes, std::align_val_t(256), std::nothrow);
  if (block == nullptr) {
    return OUT_OF_MEMORY;
  }
  memset(block, 0xCD, bytes);
  *address = (uint64_t)block;
  device_memory[*address] = bytes;
  return OK;
}
API cuMemFree_v2(uint64_t address) {
  LOCKED;
  if (device_memory.erase(address) == 0) {
    return INVALID_VALUE;
  }
  ::operator delete((void*)address, std::align_val_t(256));
  return OK;
}
API cuMemAllocHost_v2(void** address, size_t bytes) {
  *address = malloc(bytes);
  return OK;
}
API cuMemFreeHost(void* address) {
  free(address);
  return OK;
}
API cuMemcpyHtoDAsync_v2(uint64_t target, const void* source, size_t bytes, void* stream) {
  LOCKED;
  if (usable(stream, false) != OK || !on_device(target, bytes)) {
    return INVALID_VALUE;
  }
  memcpy((void*)target, source, bytes);
  return OK;
}
API cuMemcpyDtoHAsync_v2(void* target, uint64_t source, size_t bytes, void* stream) {
  LOCKED;
  if (usable(stream, false) != OK || !on_device(source, bytes)) {
    return INVALID_VALUE;
  }
  memcpy(target, (const void*)source, bytes);
  return OK;
}
API cuMemcpyDtoDAsync_v2(uint64_t target, uint64_t source, size_t bytes, void* stream) {
  LOCKED;
  if (usable(stream, false) != OK || !on_device(source, bytes) || !on_device(target, bytes)) {
    return INVALID_VALUE;
  }
  memmove((void*)target, (const void*)source, bytes);
  return OK;
}
API cuMemsetD8Async(uint64_t address, unsigned char value, size_t bytes, void* stream) {
  LOCKED;
  if (usable(stream, false) != OK || !on_device(address, bytes)) {
    return INVALID_VALUE;
  }
  memset((void*)address, value, bytes);
  return OK;
}
API cuLaunchKernel(
    void* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned threads,
    unsigned block_y, unsigned block_z, unsigned shared, void* stream, void** parameters,
    void** extra) {
  LOCKED;
  const char* name = (const char*)function;
  if (usable(stream, false) != OK || names.count(name) == 0 || grid_z != 1 || block_y != 1 ||
      block_z != 1 || shared != 0 || extra != nullptr) {
    return INVALID_VALUE;
  }
  static int launches = 0;
  if (plays("wrong") || (plays("lazy") && ++launches > 5)) {
    return OK;
  }
  std::string failure =
      shim::launch(name, grid_x, grid_y, threads, parameters, shim::Order::SHUFFLED);
  if (!failure.empty()) {
    fprintf(stderr, "%s\n", failure.c_str());
    return LAUNCH_FAILED;
  }
  return OK;
}
API cuGetErrorName(int status, const char** name) {
  *name = status == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY"
          : status == NO_DEVICE   ? "CUDA_ERROR_NO_DEVICE"
          : status == NO_BINARY   ? "CUDA_ERROR_NO_BINARY_FOR_GPU"
                                  : nullptr;
  return *name == nullptr ? INVALID_VALUE : OK;
}
