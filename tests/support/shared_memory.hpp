// Memory that a test shares with the children that it forks.
#pragma once

#include <sys/mman.h>

#include <new>

namespace quire::test {

/// One thing in memory of its own, which children find at the same address.
template <class T>
class SharedMemory {
 public:
  SharedMemory()
      : content_(new(::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                            -1, 0)) T{}) {}
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory() { ::munmap(content_, sizeof(T)); }

  T& operator*() const { return *content_; }
  T* operator->() const { return content_; }

 private:
  T* content_;
};

}  // namespace quire::test
