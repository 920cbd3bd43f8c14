namespace Serverless.Monitoring;

internal static class DriftPage
{
    public static string Write(DriftReport report) => report.Preset;
}
