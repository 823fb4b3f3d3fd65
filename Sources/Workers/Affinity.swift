import CProcessor
import Glibc

/// The processors that this process may use.
public enum Affinity {
  /// Their numbers, ascending: the affinity mask, which `mpirun`, `srun` and `taskset` set. Never the machine's count.
  ///
  /// Read once, at the first use: a thread that a team has pinned would see only its own processor.
  public static let processors: [Int] = {
    var numbers = [Int32](repeating: 0, count: 1024)
    let count = cprocessor_affinity(&numbers, Int32(numbers.count))
    return count > 0 ? numbers.prefix(Int(count)).map(Int.init) : [0]
  }()

  /// Lets the calling thread run on all processors of the process: a new thread inherits its creator's pin.
  public static func release() { bind(pthread_self(), to: processors) }

  /// Best effort: a thread that cannot be bound runs where the system puts it.
  static func bind(_ thread: pthread_t, to processors: [Int]) {
    cprocessor_pin(thread, processors.map(Int32.init), Int32(processors.count))
  }
}
