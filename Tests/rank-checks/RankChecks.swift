@main struct RankChecks { static func main() {} }
