@main struct Convoy { static func main() {} }
