using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Serving.Invocations;
using Serverless.Serving.Logging;
using Serverless.Testing;
using Serverless.Tracking.Models;

namespace Serverless.Automation.Tests;

/// <summary>A pipeline that really learns, and a host that really answers with what it learned.</summary>
public abstract class LearningTest(AzuriteFixture azurite) : PolicyTest(azurite)
{
    /// <summary>The model has seen these, so it is good at them.</summary>
    internal static string Customers { get; } = TrainedModel.Customers(400);

    /// <summary>Lets a policy with these triggers hold, and drives a run of it to Production.</summary>
    internal async Task LearnAsync(string rest, string data = "data: {data/train.csv: d}")
    {
        Folder.Write(
            "p/dvc.yaml",
            """
            stages:
              train:
                uses: train/fast-tree
                with:
                  data: data/train.csv
                  label: bought
                  positive_label: 'yes'
                  parameters: {number_of_trees: 20, number_of_leaves: 6}
                  model: tree
              evaluate:
                uses: evaluate
                with: {model: tree, data: data/validation.csv, metrics: metrics.json, predictions: predictions.csv}
              judge:
                uses: compare
                with:
                  name: m
                  candidates: [tree]
                  predictions: [predictions.csv]
                  test: data/test.csv
                  metric: auc
                  model: winner
                  verdict: verdict.json
                  metrics: compared.json
              register:
                when: judge.promote
                uses: register
                with: {name: m, model: winner, verdict: verdict.json, registration: registration.json}
              promote: {uses: promote, with: {registration: registration.json}}
            """
        );
        Folder.Write("p/data/train.csv", Customers);
        Folder.Write("p/data/validation.csv", TrainedModel.Customers(300, seed: 2));
        Folder.Write("p/data/test.csv", TrainedModel.Customers(300, seed: 3));
        await ApplyAsync(rest, data);
        await Main.Engine.TrainAsync(Host.Model, new Dictionary<string, string>(), "ann");
        await Main.DriveAsync();
        await Main.Engine.TickAsync();
    }

    /// <summary>Registers a folder as the next version, without a run, and puts it into Production.</summary>
    internal async Task<ModelVersion> PutIntoProductionAsync(string modelFolder)
    {
        var version = await Main.Registry.RegisterAsync(
            new RegisterRequest
            {
                Name = Host.Model,
                ModelDirectory = modelFolder,
                RequestId = Ids.NewId(),
            }
        );
        return await Main.Registry.TransitionStageAsync(
            new TransitionRequest
            {
                Name = Host.Model,
                Version = version.Version,
                Stage = Stage.Production,
                ArchiveExisting = true,
                By = "test",
            }
        );
    }

    internal ModelServer Serve() =>
        new(
            new ServingOptions
            {
                Registry = Main.Registry,
                Store = Main.Store,
                Time = Time,
                Download = Main.Registry.DownloadAsync,
                Folder = Folder.At("serving"),
            }
        );

    /// <summary>Asks the model rows of a file, in one request, which is written to the log.</summary>
    /// <returns>The request's name, and what the rows' labels are.</returns>
    internal async Task<(string Request, string[] Labels)> AskAsync(ModelServer server, string csv)
    {
        Folder.Write("asked.csv", csv);
        var frame = await ColumnReader.ReadAsync(Folder.At("asked.csv"), new ColumnReaderOptions());
        using (var call = await server.BeginAsync(Host.Model, VersionQuery.None, server.Identify(null)))
        {
            call.Predict(ServingInput.Of(new ColumnFrame(frame.Columns.Where(c => c.Name != "bought"))));
            return await WrittenAsync(server, call, [.. Enumerable.Range(0, frame.RowCount).Select(r => frame["bought"].GetText(r)!)]);
        }
    }

    /// <summary>Tells the labels of a request's rows.</summary>
    internal async Task<FeedbackResult> TellAsync(ModelServer server, string request, IEnumerable<string> labels)
    {
        var state = await server.FindAsync(Host.Model);
        return await server.Feedback.RecordAsync(
            state.Model.Id,
            [.. labels.Select((label, row) => new Label(request, row, label, Time.GetUtcNow()))]
        );
    }

    internal static IEnumerable<string> Swapped(IEnumerable<string> labels) => labels.Select(l => l == "yes" ? "no" : "yes");

    private static async Task<(string Request, string[] Labels)> WrittenAsync(ModelServer server, ServingCall call, string[] labels)
    {
        call.Dispose();
        await server.FlushAsync();
        return (call.Identity.RequestId, labels);
    }
}
