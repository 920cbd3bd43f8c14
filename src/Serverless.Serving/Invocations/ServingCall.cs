using System.Globalization;
using Serverless.Core;
using Serverless.Tracking.Models;

namespace Serverless.Serving.Invocations;

/// <summary>A request in progress. Its version stays loaded until the call is disposed.</summary>
public sealed class ServingCall : IDisposable
{
    private readonly ModelServer server;
    private readonly ServedModelKey key;
    private readonly ModelLease lease;
    private readonly long started;
    private readonly bool isLogged;
    private ServingOutcome? outcome;

    internal ServingCall(
        ModelServer server,
        ServedModelKey key,
        VersionChoice choice,
        RequestIdentity identity,
        ModelLease lease,
        long started,
        bool isLogged
    )
    {
        this.server = server;
        this.key = key;
        this.lease = lease;
        this.started = started;
        this.isLogged = isLogged;
        Choice = choice;
        Identity = identity;
    }

    public VersionChoice Choice { get; }

    public RequestIdentity Identity { get; }

    public ModelVersion Version => key.Version;

    public IServedModel Model => lease.Model;

    /// <summary>
    /// Runs the model. Exceptions and scores that are not numbers are reported as failures of the model.
    /// </summary>
    public ModelOutput Predict(ServingInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        try
        {
            RequiredValues.Check(Model.Inputs, input);
            var output = Model.Predict(input);
            CheckNumbers(output);
            var ended = Outcome(ServingResult.Succeeded, null, input.Rows, output.Scores) with { IsLogged = isLogged };
            outcome = !isLogged
                ? ended
                : ended with
                {
                    Input = input,
                    Output = output,
                    Classes = output.Scores.Length == 0 ? null : Model.Classes,
                    Signature = Model.Inputs,
                };
            return output;
        }
        catch (ServerlessException e) when (e.Status < 500)
        {
            Reject(e.Code);
            throw;
        }
        catch (ServerlessException e)
        {
            outcome = Outcome(ServingResult.Failed, e.Code, input.Rows, []);
            throw;
        }
        catch (Exception e)
        {
            outcome = Outcome(ServingResult.Failed, ErrorCodes.InternalError, input.Rows, []);
            throw new ServerlessException(
                ErrorCodes.InternalError,
                $"{Name} failed on this data: {e.GetType().Name}: {e.Message}",
                "Verify that the data is compatible with the model. If it is, the version is broken.",
                status: 500,
                inner: e
            );
        }
    }

    /// <summary>Records that the caller's data cannot be used.</summary>
    public void Reject(string code) => outcome = Outcome(ServingResult.Rejected, code, 0, []);

    /// <summary>Releases the model and reports the outcome. Nothing is reported if the caller disconnected before the outcome.</summary>
    public void Dispose()
    {
        lease.Dispose();
        if (Interlocked.Exchange(ref outcome, null) is { } ended)
        {
            server.Report(ended);
        }
    }

    private string Name => string.Create(CultureInfo.InvariantCulture, $"Version {Version.Version} of '{Version.Name}'");

    private ServingOutcome Outcome(ServingResult result, string? code, int rows, IReadOnlyList<double> scores) =>
        new(
            Version.Name,
            key.ModelId,
            Version.Version,
            Choice,
            Identity.RequestId,
            Identity.RequestKey,
            server.Time.GetUtcNow(),
            result,
            code,
            server.Time.GetElapsedTime(started),
            rows,
            scores
        );

    /// <summary>NaN is not a valid prediction, and JSON cannot represent it.</summary>
    private void CheckNumbers(ModelOutput output)
    {
        foreach (var column in output.Columns)
        {
            if (
                !column.Values.IsNumeric
                || (column.Values.NullCount == 0 && !column.Values.Numbers.ContainsAny(double.PositiveInfinity, double.NegativeInfinity))
            )
            {
                continue;
            }

            var items = Math.Max(1, column.ItemLength);
            var bad = Enumerable.Range(0, column.Values.Length).Where(i => !double.IsFinite(column.Values.GetNumber(i))).ToList();
            var rows = bad.Select(i => i / items).Distinct().Count();
            throw new ServerlessException(
                ErrorCodes.InternalError,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Name} returned {column.Values.GetNumber(bad[0])} as '{column.Values.Name}' for {rows} of "
                        + $"{column.Values.Length / items} rows (the first is row {bad[0] / items})."
                ),
                "The version fails on this data. Check the rows, and roll the version back if they are valid.",
                status: 500
            );
        }
    }
}
