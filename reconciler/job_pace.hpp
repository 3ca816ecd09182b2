#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>

#include "reconciler/ports/clock.hpp"

namespace hvsec {

/// How long the jobs of one host take, learnt from those that have ended: a look at the next one
/// comes when there is likely something to see, neither long before nor long after.
class JobPace {
 public:
  /// What is expected of one job.
  struct Guess {
    Duration after{};  ///< It is likely seen to have ended then; zero: nothing is known.
    Duration doubt{};  ///< By how much that may be wrong.
  };

  [[nodiscard]] const Guess& guess() const { return guess_; }

  /// A look after `ran` saw a job run, and one after `took` saw that it had ended.
  /// `told`  How long it took by the host's own clock, if the host says: the next one is looked at
  ///         right after that. Without it, or where it cannot be, the job ended somewhere in
  ///         between, and the next one is looked at in the middle.
  void ended(Duration ran, Duration took, std::optional<Duration> told = std::nullopt) {
    const bool possible = told && *told > ran && *told <= took + took / 10;
    expect(possible ? *told : ran + (took - ran) / 2);
  }

  /// The first look, when the job was expected to end by `guess`, saw that it had. It may have
  /// ended well before that, since nobody looked: unless the host tells otherwise (see `ended`),
  /// the next one is looked at a little earlier, and earlier still if that is too late again. What
  /// the look itself took does not count, else a busy network would put each look later than the
  /// one before.
  void ended_as_expected(const Guess& guess, std::optional<Duration> told = std::nullopt) {
    // A host's clock may be coarse, and no look says that the job was still running.
    const Duration tenth = guess.after / 10;
    if (told && *told > guess.after - tenth && *told <= guess.after + tenth)
      expect(*told);
    else
      guess_ = {guess.after - guess.doubt, std::min(2 * guess.doubt, tenth)};
  }

 private:
  // A look after exactly as long as the last job took sees the end: it takes a while to get there,
  // and so did the answer that the job is followed from.
  void expect(Duration after) { guess_ = {after, after / 100}; }

  Guess guess_;
};

/// When to look at one job.
///
/// Where the pace of its host is known, first when it is expected to end, and closely from then on.
/// Where nothing is known, after a fifth of the first pause, after the first pause, and then each
/// time a fifth later: the delay with which its end is seen is small beside what it took. Where the
/// host tells how far it is, when the rest is likely done, at the same pace as so far. No pause is
/// longer than the longest.
///
/// Without a pace the job is looked at as one of which nothing is known, and nothing is learnt.
/// Lifetime  The pace outlives it.
class JobWatch {
 public:
  /// `pace`  May be null.
  JobWatch(JobPace* pace, Duration first_pause, Duration longest_pause)
      : pace_(pace),
        guess_(pace == nullptr ? JobPace::Guess() : pace->guess()),
        first_(first_pause),
        longest_(longest_pause) {}

  /// How long to wait before the next look at the job, which has been followed for `followed`.
  Duration pause(Duration followed) {
    if (followed < guess_.after) return std::min(guess_.after - followed, longest_);
    const Duration wanted = guess_.after > Duration() ? close_look() : wide_look(followed);
    ++looks_;
    return std::min(wanted, longest_);
  }

  /// A look that began after `followed` saw it run, with `percent` of it done by the host's word.
  void ran(Duration followed, std::optional<unsigned> percent = std::nullopt) {
    ran_ = followed;
    percent_ = percent.value_or(0);
  }

  /// A look that began after `followed` saw that it had ended, which by the host's clock took as
  /// long as `told`: the next one of its host is expected accordingly.
  void ended(Duration followed, std::optional<Duration> told = std::nullopt) {
    if (pace_ == nullptr) return;
    const bool seen_at_first_look = guess_.after > Duration() && looks_ == 0 && ran_ == Duration();
    if (seen_at_first_look)
      pace_->ended_as_expected(guess_, told);
    else
      pace_->ended(ran_, followed, told);
  }

 private:
  static constexpr std::chrono::milliseconds shortest_pause{4};

  // Each pause is half as long again as the one before.
  Duration close_look() {
    if (looks_ == 0)
      close_ = std::max<Duration>(guess_.doubt, shortest_pause);
    else
      close_ = std::min(close_ + close_ / 2, longest_);
    return close_;
  }

  [[nodiscard]] Duration wide_look(Duration followed) const {
    if (looks_ == 0) return std::max(first_ / 5 - followed, Duration());
    if (looks_ == 1) return std::max(first_ - followed, first_ / 5);
    const bool told = percent_ > 0 && percent_ < 100;
    if (!told) return followed / 5;
    // As long again at most: what the host tells may be wrong.
    const Duration rest = ran_ / percent_ * 100 - followed;
    return std::max<Duration>(std::min(rest, followed), shortest_pause);
  }

  JobPace* pace_;
  JobPace::Guess guess_;
  Duration first_;
  Duration longest_;
  Duration close_{};
  Duration ran_{};
  unsigned percent_ = 0;
  std::size_t looks_ = 0;  // Since the job was expected to end.
};

}  // namespace hvsec
