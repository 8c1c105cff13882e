// quire-micro: what the parts cost that calls of quire are made of. Google Benchmark.
//
//   tools/configure build/release --buildtype=release -Dbench=true
//   ninja -C build/release bench/micro/quire-micro
//   build/release/bench/micro/quire-micro --benchmark_filter=search
//
// All but the gets in a large tree happens in the processor's caches, so these figures do not add
// up to those of quire-bench: they are for comparing a part with itself, before and after a change.
#include <benchmark/benchmark.h>

BENCHMARK_MAIN();
