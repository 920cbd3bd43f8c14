using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serverless.Storage;

namespace Serverless.Functions.Hosting;

internal static class Telemetry
{
    /// <summary>Sends traces, metrics and logs to Application Insights with the app's identity, if it is configured.</summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry().UseFunctionsWorkerDefaults();
        if (builder.Configuration["APPLICATIONINSIGHTS_CONNECTION_STRING"] is { Length: > 0 } connectionString)
        {
            telemetry.UseAzureMonitorExporter(exporter =>
            {
                exporter.ConnectionString = connectionString;
                // The format of the host's setting: "Authorization=AAD;ClientId=…".
                if (builder.Configuration["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"] is { Length: > 0 } authentication)
                {
                    exporter.Credential = StorageIdentity.Of(ClientIdOf(authentication));
                }
            });
        }
    }

    private static string? ClientIdOf(string authentication) =>
        authentication.Split(';').Select(part => part.Split('=', 2)).FirstOrDefault(part => part is ["ClientId", _])?[1];
}
