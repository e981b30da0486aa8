// A device at the end of a pipe: memory, copies and launches for io.verillm.cuda.ShimDevice.
// Allocations are the C++ heap's, so that AddressSanitizer knows their ends. All numbers are
// little-endian; every request is answered by one status byte, 0 or 1 with a message.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "runtime.h"

namespace {
void read_fully(void* target, size_t bytes) {
  if (bytes != 0 && fread(target, 1, bytes, stdin) != bytes) {
    exit(0);  // the other end closed
  }
}

template <class T>
T read_number() {
  T value;
  read_fully(&value, sizeof value);
  return value;
}

void answer(const std::string& failure) {
  fputc(failure.empty() ? 0 : 1, stdout);
  if (!failure.empty()) {
    uint32_t length = (uint32_t)failure.size();
    fwrite(&length, 4, 1, stdout);
    fwrite(failure.data(), 1, length, stdout);
  }
}

std::string read_text() {
  std::string text(read_number<uint32_t>(), '\0');
  read_fully(&text[0], text.size());
  return text;
}

void launch(shim::Order order) {
  std::string name = read_text();
  uint32_t grid_x = read_number<uint32_t>();
  uint32_t grid_y = read_number<uint32_t>();
  uint32_t threads = read_number<uint32_t>();
  std::vector<uint64_t> slots(read_number<uint32_t>());
  read_fully(slots.data(), slots.size() * 8);
  std::vector<void*> parameters;
  for (uint64_t& slot : slots) {
    parameters.push_back(&slot);
  }
  if (!shim::has_kernel(name.c_str())) {
    answer("no kernel " + name);
  } else if (shim::parameter_count(name.c_str()) != (int)slots.size()) {
    answer(
        name + " takes " + std::to_string(shim::parameter_count(name.c_str())) + " arguments, got " +
        std::to_string(slots.size()));
  } else {
    answer(shim::launch(name.c_str(), grid_x, grid_y, threads, parameters.data(), order));
  }
}
}  // namespace

int main(int count, char** words) {
  std::string name = count > 1 ? words[1] : "forward";
  shim::Order order = name == "reverse"    ? shim::Order::REVERSE
                      : name == "shuffled" ? shim::Order::SHUFFLED
                                           : shim::Order::FORWARD;
  std::vector<char> scratch;
  while (true) {
    switch (read_number<uint8_t>()) {
      case 'A': {
        uint64_t bytes = read_number<uint64_t>();
        // aligned as a driver aligns, and poisoned, so that what a kernel leaves out shows
        void* block = bytes > (1ull << 31)
                          ? nullptr
                          : ::operator new(bytes, std::align_val_t(256), std::nothrow);
        answer(block == nullptr ? "out of memory" : "");
        if (block != nullptr) {
          memset(block, 0xCD, bytes);
          uint64_t address = (uint64_t)block;
          fwrite(&address, 8, 1, stdout);
        }
        break;
      }
      case 'F':
        ::operator delete((void*)read_number<uint64_t>(), std::align_val_t(256));
        answer("");
        break;
      case 'U': {
        uint64_t address = read_number<uint64_t>();
        scratch.resize(read_number<uint64_t>());
        read_fully(scratch.data(), scratch.size());
        memcpy((void*)address, scratch.data(), scratch.size());
        answer("");
        break;
      }
      case 'D': {
        uint64_t address = read_number<uint64_t>();
        uint64_t bytes = read_number<uint64_t>();
        answer("");
        fwrite((void*)address, 1, bytes, stdout);
        break;
      }
      case 'C': {
        uint64_t target = read_number<uint64_t>();
        uint64_t source = read_number<uint64_t>();
        memmove((void*)target, (void*)source, read_number<uint64_t>());
        answer("");
        break;
      }
      case 'S': {
        uint64_t address = read_number<uint64_t>();
        memset((void*)address, 0, read_number<uint64_t>());
        answer("");
        break;
      }
      case 'L':
        launch(order);
        break;
      default:
        answer("unknown request");
    }
    fflush(stdout);
  }
}
