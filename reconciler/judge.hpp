#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/outcome.hpp"

namespace hvsec {

/// How far a change got, as far as the host's word goes.
enum class ChangeEnd : std::uint8_t {
  not_sent,  ///< Certainly nothing reached the host.
  refused,   ///< The host said no.
  done,      ///< The host said done at once.
  job_succeeded,
  job_failed,
  job_vanished,  ///< The host forgot the job before we saw its end.
  job_running,   ///< We stopped following before the job ended.
  lost,          ///< No word of the host, which is at no job for the VM either.
  unanswered,    ///< Sent, perhaps, and no word of the host.
};

/// The verdict on one changed setting. The host's state outranks its word: `read_back` decides
/// wherever there is one.
/// `read_back`  The value after the change; empty when it could not be read.
Verdict judge(ChangeEnd end, bool desired, std::optional<SettingValue> read_back);

}  // namespace hvsec
