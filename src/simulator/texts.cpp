#include "src/simulator/texts.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hvsec::simulator {
namespace {

constexpr std::array<std::pair<std::string_view, Locale>, 3> locales = {{
    {"en-US", Locale::en_us},
    {"ja-JP", Locale::ja_jp},
    {"de-DE", Locale::de_de},
}};

using Phrase = std::array<std::string_view, locales.size()>;

// In the order of `Text`. The Japanese captions are those of a recorded host; the English error
// texts are those of user reports (hashicorp/vagrant pull request 11978); the rest is worded alike.
constexpr Phrase phrases[] = {
    {"Virtual Machine", "仮想マシン", "Virtueller Computer"},
    {"Hosting Computer System", "ホスティング コンピューター システム", "Hostcomputersystem"},
    {"Planned Virtual Machine", "計画された仮想マシン", "Geplanter virtueller Computer"},
    {"Operating normally", "正常稼働中", "Normaler Betrieb"},
    {"Security Settings", "セキュリティ設定", "Sicherheitseinstellungen"},
    {"Modifying Security Settings", "セキュリティ設定の変更",
     "Sicherheitseinstellungen werden geändert"},
    {"Job is running", "ジョブは実行中です", "Der Auftrag wird ausgeführt"},
    {"Job is completed successfully", "ジョブは正常に完了しました",
     "Der Auftrag wurde erfolgreich abgeschlossen"},
    {"Job is completed with error", "ジョブはエラーで完了しました",
     "Der Auftrag wurde mit einem Fehler abgeschlossen"},
    {"failed to modify settings.", "の設定を変更できませんでした。",
     "konnte die Einstellungen nicht ändern."},
    {"The operation failed.", "操作は失敗しました。", "Fehler beim Vorgang."},
    {"The selected security settings of a virtual machine cannot be changed without a valid key "
     "protector configured.",
     "有効なキー プロテクターが構成されていないため、仮想マシンの選択したセキュリティ設定を変更でき"
     "ません。",
     "Die ausgewählten Sicherheitseinstellungen eines virtuellen Computers können nicht ohne "
     "gültige Schlüsselschutzvorrichtung geändert werden."},
    {"The operation cannot be performed while the virtual machine is in its current state.",
     "仮想マシンの現在の状態では、この操作を実行できません。",
     "Der Vorgang kann im aktuellen Zustand des virtuellen Computers nicht ausgeführt werden."},
    {"The setting is supported only for generation 2 virtual machines.",
     "この設定は第 2 世代の仮想マシンでのみサポートされています。",
     "Die Einstellung wird nur für virtuelle Computer der Generation 2 unterstützt."},
    {"The setting is not supported by the configuration version of the virtual machine.",
     "この設定は仮想マシンの構成バージョンではサポートされていません。",
     "Die Einstellung wird von der Konfigurationsversion des virtuellen Computers nicht "
     "unterstützt."},
    {"The virtual machine could not be found.", "仮想マシンが見つかりませんでした。",
     "Der virtuelle Computer wurde nicht gefunden."},
    {"The WS-Management service cannot process the request.",
     "WS-Management サービスは要求を処理できません。",
     "Der WS-Verwaltungsdienst kann die Anforderung nicht verarbeiten."},
};

static_assert(std::size(phrases) == static_cast<std::size_t>(Text::cannot_process_request) + 1);

}  // namespace

std::string_view tag(Locale locale) {
  return std::ranges::find(locales, locale, &std::pair<std::string_view, Locale>::second)->first;
}

const Locale* find_locale(std::string_view tag) {
  const auto* found = std::ranges::find(locales, tag, &std::pair<std::string_view, Locale>::first);
  return found == locales.end() ? nullptr : &found->second;
}

std::string_view say(Locale locale, Text text) {
  return phrases[static_cast<std::size_t>(text)][static_cast<std::size_t>(locale)];
}

}  // namespace hvsec::simulator
