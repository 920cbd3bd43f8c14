using System.Globalization;
using Serverless.Benchmarks.Rollout;

switch (args)
{
    case [var file, .. var rest]:
        StopTable.Write(file, rest is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 2000);
        return 0;
    default:
        Console.Error.WriteLine(
            """
            usage:
              FILE [CANARIES]   false stops and detection of the tests of rollouts, as a table (default: 2000 canaries a cell)
            """
        );
        return 2;
}
