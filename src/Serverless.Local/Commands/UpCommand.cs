using System.CommandLine;
using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Console;
using Serverless.Api;
using Serverless.Api.Hosting;
using Serverless.Automation.Hooks;
using Serverless.Core;
using Serverless.Local.Display;
using Serverless.Local.Hosting;
using Spectre.Console;

namespace Serverless.Local.Commands;

internal static class UpCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port")
        {
            Description = "Port to listen on at 127.0.0.1. 0 picks a free port.",
            DefaultValueFactory = _ => 7071,
        };
        port.MustBe(0, 65_535);
        var command = new Command(
            "up",
            "Start the host and keep it running. Serves the API, runs training policies and their inbox, and continues unfinished runs."
        )
        {
            port,
        }.WithExample("mlops up --port 7071");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                await using var app = Build(parsed.GetValue(port), host.Workspaces);
                try
                {
                    await app.StartAsync(cancellationToken);
                }
                catch (IOException e) when (e.InnerException is AddressInUseException)
                {
                    throw new ServerlessException(
                        ErrorCodes.Environment,
                        $"Port {parsed.GetValue(port)} is in use by another program.",
                        "Stop that program, or choose another port with --port.",
                        500
                    );
                }

                Terminal.Out.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Serverless ML {ServerlessApi.Version} is listening on {app.Urls.First()} (press Ctrl+C to stop)."
                    )
                );
                using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, app.Lifetime.ApplicationStopping);
                var keeper = new RunKeeper(host.Engine, app.Logger, TimeProvider.System);
                host.Submitted = keeper.Wake;
                var policies = new PolicyService(host.PoliciesAtWork, app.Logger, TimeProvider.System);
                using var replay = new ReplayService(new Uri(app.Urls.First()), host.Folder, host.Own, app.Logger, TimeProvider.System);
                keeper.Ended = () =>
                {
                    policies.Wake();
                    replay.Wake();
                };
                using var github = new GithubClient(host.Workspaces.Options.Github, TimeProvider.System);
                var hooks = new HookService(host, github, keeper.Wake, app.Logger, TimeProvider.System);
                await Task.WhenAll(
                    keeper.RunAsync(stopping.Token),
                    policies.RunAsync(stopping.Token),
                    replay.RunAsync(stopping.Token),
                    hooks.RunAsync(stopping.Token),
                    host.Workspaces.RunRolloutsAsync(line => KeeperLog.Rollout(app.Logger, line), stopping.Token)
                );
                await app.StopAsync(CancellationToken.None);
                return 0;
            }
        );
        return command;
    }

    private static WebApplication Build(int port, Workspaces workspaces)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, port);
            // MLflow's UI requests the metrics of a hundred runs in one GET.
            kestrel.Limits.MaxRequestLineSize = 256 * 1024;
            kestrel.Limits.MaxRequestBufferSize = 1024 * 1024;
            kestrel.AddServerHeader = false;
        });
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole();
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Azure", LogLevel.Warning);
        // The command reports startup errors itself.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        var app = builder.Build();
        app.MapServerless(workspaces);
        return app;
    }
}
