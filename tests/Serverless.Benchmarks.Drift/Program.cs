using Serverless.Benchmarks.Drift;

switch (args)
{
    case ["alarms", var file, .. var rest]:
        AlarmTable.Write(file, rest is [var count] ? int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) : 4000);
        return 0;
    case ["speed", var file]:
        return SpeedTable.Write(file);
    case ["page", var file]:
        SamplePage.Write(file);
        return 0;
    default:
        Console.Error.WriteLine(
            """
            usage:
              alarms FILE [COLUMNS]   false alarms and power of the presets, as a table (default: 4000 columns a setting)
              speed FILE              KS, PSI and chi-square of large columns beside SciPy and pandas, as a table
              page FILE               a report of made-up columns, to look at
            """
        );
        return 2;
}
