import Configuration

/// " Did you mean "x"?" for the known name nearest to `name`, if one is near.
func suggestion(for name: String, among known: [String]) -> String {
  Suggestion.name(for: name, among: known).map { " Did you mean \"\($0)\"?" } ?? ""
}
