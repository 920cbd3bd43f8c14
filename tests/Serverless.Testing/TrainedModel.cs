using System.Globalization;
using System.Text;
using System.Text.Json;
using Serverless.Core;
using Serverless.Pipelines.Components;
using Serverless.Training;

namespace Serverless.Testing;

/// <summary>Model folders of the platform's own trainers, made without a pipeline around them.</summary>
public static class TrainedModel
{
    private static readonly ComponentCatalog Catalog = new ComponentCatalog().AddTraining();

    /// <summary>Customers with an age, an income that has gaps, a plan, whether they are active, and whether they bought.</summary>
    public static string Customers(int rows = 300, int seed = 1)
    {
        var random = new StableRandom(seed);
        var text = new StringBuilder("age,income,plan,active,bought\n");
        for (var i = 0; i < rows; i++)
        {
            var (age, income) = (18 + random.NextInt(62), Math.Round(random.NextDouble() * 5000, 2));
            var plan = new[] { "free", "basic", "pro" }[random.NextInt(3)];
            var amount = (age * 0.5) + (income / 100) + (plan == "pro" ? 30 : 0) + (random.NextDouble() * 20);
            text.Append(
                CultureInfo.InvariantCulture,
                $"{age},{(i % 10 == 3 ? "" : income)},{plan},{(random.NextInt(2) == 0 ? "true" : "false")},{(amount > 60 ? "yes" : "no")}\n"
            );
        }

        return text.ToString();
    }

    /// <summary>Trains on <see cref="Customers"/> into the folder's `model`, and gives its path.</summary>
    public static Task<string> OfCustomersAsync(TestFolder folder, string trainer = "train/fast-tree", int seed = 1)
    {
        folder.Write("customers.csv", Customers(seed: seed));
        return TrainAsync(folder.Root, trainer, "customers.csv", new { label = "bought", positive_label = "yes" });
    }

    /// <summary>Runs a train component in a folder; its model lies in the folder's `model` then.</summary>
    public static async Task<string> TrainAsync(string folder, string trainer, string data, object with)
    {
        var parameters = JsonSerializer.SerializeToElement(with).EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        parameters["data"] = JsonSerializer.SerializeToElement(data);
        parameters["model"] = JsonSerializer.SerializeToElement("model");
        var context = new ComponentContext
        {
            Workspace = "default",
            RunId = Ids.NewId(),
            ExperimentId = "0",
            Pipeline = "test",
            TaskPath = "train",
            ScratchDirectory = Directory.CreateDirectory(Path.Combine(folder, ".scratch")).FullName,
            Log = TextWriter.Null,
            Time = TimeProvider.System,
            Services = NoServices.Instance,
        };
        await Catalog.Find(trainer)!.RunAsync(parameters, new Paths(folder), context, default);
        return Path.Combine(folder, "model");
    }

    private sealed class Paths(string folder) : ArtifactPaths
    {
        public override InputPath Input(string name) => new(Path.Combine(folder, name), name, "0");

        public override OutputPath Output(string name) => new(Path.Combine(folder, name), name);
    }
}
