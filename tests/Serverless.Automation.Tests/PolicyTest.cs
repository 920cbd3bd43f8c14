using System.Globalization;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Serverless.Core;
using Serverless.Testing;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace Serverless.Automation.Tests;

/// <summary>A pipeline of one command, a policy, and hosts on one store.</summary>
public abstract class PolicyTest(AzuriteFixture azurite) : IAsyncLifetime
{
    protected static DateTimeOffset Start { get; } = new(2026, 3, 2, 10, 0, 30, TimeSpan.Zero);

    private readonly string workspace = "t" + Ids.NewId()[..12];

    internal TestFolder Folder { get; } = new();

    internal FakeTimeProvider Time { get; } = new(Start);

    internal Host Main { get; private set; } = null!;

    /// <summary>What the pipeline learns from at first.</summary>
    internal static string Reference { get; } = Rows(400, seed: 1);

    public async ValueTask InitializeAsync()
    {
        Folder.Write(
            "p/dvc.yaml",
            """
            stages:
              train: {cmd: 'cat data/train.csv params.yaml > model.txt', deps: [data/train.csv], params: [train], outs: [model.txt]}
            """
        );
        Folder.Write("p/params.yaml", "train: {lr: 0.1, depth: 3}\n");
        Folder.Write("p/data/train.csv", Reference);
        Main = await HostAsync();
    }

    public ValueTask DisposeAsync()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    internal async Task<Host> HostAsync(
        Action<string>? reached = null,
        FakeTimeProvider? time = null,
        Serverless.Automation.Policies.Engine.IPerformanceSource? performance = null
    ) => new(await azurite.OpenStoreAsync(workspace), time ?? Time, Folder.At("work"), reached, performance);

    /// <summary>Lets a policy with these triggers and limits hold.</summary>
    internal async Task ApplyAsync(string rest, string data = "data: {data/train.csv: d}")
    {
        Folder.Write("p/policy.yaml", $"model: {Host.Model}\n{data}\n{rest}\n");
        await Main.ApplyAsync(Folder.At("p"));
    }

    internal const string Drift = "triggers:\n  - drift: {dataset: d, reference: data/train.csv, share: 0.5}";

    /// <summary>Two numbers and a category; with a shift, other ones.</summary>
    internal static string Rows(int count, int seed, double shift = 0)
    {
        var random = new StableRandom(seed);
        var text = new StringBuilder("age,income,plan,left\n");
        for (var i = 0; i < count; i++)
        {
            var plan = random.NextDouble() < 0.3 + (shift / 4) ? "pro" : "free";
            text.Append(
                CultureInfo.InvariantCulture,
                $"{20 + random.NextInt(50) + (int)(shift * 20)},{Math.Round((random.NextDouble() + shift) * 1000, 2)},"
                    + $"{plan},{(random.NextDouble() < 0.3 ? "yes" : "no")}\n"
            );
        }

        return text.ToString();
    }

    internal static string Drifted(int seed) => Rows(300, seed, shift: 1);

    internal static string Same(int seed) => Rows(300, seed);

    internal static void Die(string reached, string step)
    {
        if (reached == step)
        {
            throw new HostDied();
        }
    }

    internal sealed class HostDied : Exception;
}
