#pragma once

#include <string_view>

#include "reconciler/error.hpp"

namespace hvsec::hyperv {

/// Whether `error` says that an object or a class does not exist.
bool is_not_found(const Error& error);

/// Whether `error`, of enumerating the VMs, says that there is no Hyper-V: not its namespace, or
/// not the class that every version of it has.
bool is_without_hyper_v(const Error& error);

/// `error` of a session, with what it means on a Hyper-V host put before the host's own words.
Error explained(Error error);

/// The same for an error of enumerating `class_name`, whose absence means something too.
Error explained_class(Error error, std::string_view class_name);

}  // namespace hvsec::hyperv
