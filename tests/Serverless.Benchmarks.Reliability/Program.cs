using System.Globalization;
using Serverless.Benchmarks.Reliability;

// Prints the tables of docs/reliability.md. Everything runs on this machine and talks to 127.0.0.1 only.
//   soak [SECONDS] [REQUESTS PER SECOND]     mixed protocols with a hostile share; default 600 and 200
//   crash [KILLS OF THE HOST] [KILLS OF HOST AND STORE]     SIGKILLs under writes; default 200 and 50
var numbers = args.Skip(1).Select(a => int.Parse(a, CultureInfo.InvariantCulture)).ToList();
switch (args.FirstOrDefault())
{
    case "soak":
        return await Soak.RunAsync(TimeSpan.FromSeconds(numbers.ElementAtOrDefault(0) is > 0 and var s ? s : 600), Or(1, 200));
    case "crash":
        return await Crash.RunAsync(numbers.Count > 0 ? numbers[0] : 200, numbers.Count > 1 ? numbers[1] : 50);
    default:
        Console.Error.WriteLine("Give `soak [SECONDS] [RATE]` or `crash [HOST KILLS] [HOST AND STORE KILLS]`.");
        return 2;
}

int Or(int at, int other) => numbers.ElementAtOrDefault(at) is > 0 and var given ? given : other;
