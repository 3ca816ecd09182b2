// Each line that names a rule broken is in expected.txt.
awaitable<void> braces() {
  co_await f(Aggregate{.number = 1});
  co_await g({1, 2});
  const auto both = co_await f(plain(Aggregate{}));
  Aggregate whole{.number = co_await h()};
  if (const auto got = co_await f(Aggregate{}); got) co_return;
  for (auto item : co_await list({})) use(item);
  co_return Aggregate{co_await h()};
  const auto chosen =
      ok ? co_await h()
         : Aggregate{1}.number;
}

awaitable<void> lambdas(Executor executor, int number) {
  co_await co_spawn(executor, [number]() -> awaitable<void> { co_await f(number); }, token);
  co_await co_spawn(executor, [&] { return f(number); }, token);
  co_await run([] { return 1; });
  const auto work = [=]() -> awaitable<void> {
    co_await f(Aggregate{number});
  };
}
