// quire::to: gathers a range into a container, as std::ranges::to does where there is one.
//
//   auto large = table.with_stream([](auto stream) {
//     return stream | std::views::filter(is_large) | quire::to<std::vector>();
//   });
#pragma once

#include <ranges>
#include <utility>

namespace quire {

namespace detail {

template <class Container, std::ranges::input_range Source>
Container gather(Source&& source) {
  Container container;
  for (auto&& element : source) {
    using Element = decltype(element);
    if constexpr (requires { container.emplace_back(std::forward<Element>(element)); }) {
      container.emplace_back(std::forward<Element>(element));
    } else {
      using Content = typename Container::value_type;
      container.insert(container.end(), Content(std::forward<Element>(element)));
    }
  }
  return container;
}

template <class Container>
struct ToType {
  template <std::ranges::input_range Source>
  friend Container operator|(Source&& source, ToType) {
    return gather<Container>(std::forward<Source>(source));
  }
};

template <template <class...> class Container>
struct ToTemplate {
  template <std::ranges::input_range Source>
  friend auto operator|(Source&& source, ToTemplate) {
    return gather<Container<std::ranges::range_value_t<Source>>>(std::forward<Source>(source));
  }
};

}  // namespace detail

/// `range | quire::to<std::set<std::string>>()`
template <class Container>
[[nodiscard]] constexpr detail::ToType<Container> to() noexcept {
  return {};
}

/// `range | quire::to<std::vector>()`: of the range's own elements.
template <template <class...> class Container>
[[nodiscard]] constexpr detail::ToTemplate<Container> to() noexcept {
  return {};
}

}  // namespace quire
