namespace Serverless.Benchmarks.Drift;

internal static class SpeedTable
{
    public static int Write(string file) => file.Length == 0 ? 1 : 0;
}
