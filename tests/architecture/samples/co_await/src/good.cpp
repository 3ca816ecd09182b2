// co_await f(Aggregate{}) in a comment, and /* co_await f(Aggregate{}) */ in another.
namespace sample {

struct Held : Base {
  Held(int number) : number_{number}, other_(number) {}
  int number_{0};
};

enum class Kind { one, two };

awaitable<int> good(Ports& ports, int number) {
  const Aggregate aggregate{.number = 1};
  co_await f(aggregate);
  if (co_await g()) {
    number = 1'000;
  } else {
    const auto text = R"x(co_await f(Aggregate{});)x";
  }
  {
    const auto& [left, right] = co_await pair();
  }
  for (int i = 0; i < number; ++i) {
    co_await f(items[i], names[number]);
  }
  switch (co_await kind()) {
    case Kind::one: {
      co_return 1;
    }
    default:
      break;
  }
  const auto work = [number]() -> awaitable<std::map<int, int>> {
    co_await f(number);
    co_return std::map<int, int>{{1, 2}, {3, 4}};
  };
  co_spawn(ports.executor, [&ports]() -> awaitable<void> { co_await f(ports); }, detached);
  do {
    co_await log("a \" quote { and ; more", '{', '\'');
  } while (co_await again());
  try {
    co_await f(std::string("text"));
  } catch (...) {
    throw;
  }
  co_return Aggregate{number}.number;
}

}  // namespace sample
