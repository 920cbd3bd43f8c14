using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Comparison;
using Serverless.Monitoring.Performance;

namespace Serverless.Monitoring.Tests.Comparison;

/// <summary>What must not be worse: metrics beside the deciding one, and parts of the rows.</summary>
public sealed class GuardrailTests
{
    private const double Alpha = 0.05;

    [Fact]
    public void A_better_challenger_that_loses_recall_is_not_promoted()
    {
        var (labels, champion, better) = Simulation.Classifiers(1, 1500, championSeparation: 0.8, challengerSeparation: 2.5);

        // Better ranked, but shy: hardly any score above a half.
        double[] shy = [.. better.Select(score => score * 0.55)];
        var request = Request(labels, champion, shy) with { Guardrails = [new("recall", 0.02)] };

        var verdict = ModelComparison.Compare(request);

        Assert.False(verdict.Promote);
        Assert.StartsWith("recall (1500 rows) goes from", verdict.Reasons.Single());
        Assert.EndsWith("but must be above -0.02.", verdict.Reasons.Single());
        Assert.True(ModelComparison.Compare(request with { Challenger = better }).Promote);
        Assert.Contains(("not worse", "recall", (bool?)false), verdict.Rules.Select(r => (r.Kind, r.About, r.Holds)));
        Assert.Contains(("better", "auc", (bool?)true), verdict.Rules.Select(r => (r.Kind, r.About, r.Holds)));
    }

    [Theory]
    [InlineData("accuracy", 0.05, 2000)]
    [InlineData("auc", 0.05, 2000)]
    [InlineData("log_loss", 0.05, 1000)]
    public void An_equal_challenger_holds_a_margin_that_the_rows_can_tell(string metric, double margin, int rows)
    {
        var held = 0;
        const int repetitions = 40;
        for (var seed = 0; seed < repetitions; seed++)
        {
            var (labels, champion, challenger) = Simulation.Classifiers(seed, rows);
            held += Holds(Request(labels, champion, challenger) with { Guardrails = [new(metric, margin)], BootstrapReplicates = 200 })
                ? 1
                : 0;
        }

        Assert.InRange((double)held / repetitions, 0.9, 1);
    }

    [Theory]
    [InlineData("accuracy")]
    [InlineData("auc")]
    public void One_that_is_worse_by_the_margin_passes_no_more_often_than_alpha(string metric)
    {
        // The margin is what it truly loses, found on many rows.
        var (many, first, second) = Simulation.Classifiers(99, 200_000, championSeparation: 1.4, challengerSeparation: 1.0);
        var function = MetricDefinition.Get(metric, ModelTask.BinaryClassification).Function(0.5);
        var loss = function(many, first) - function(many, second);
        const int repetitions = 400;
        var held = 0;
        for (var seed = 0; seed < repetitions; seed++)
        {
            var (labels, champion, challenger) = Simulation.Classifiers(seed, 400, championSeparation: 1.4, challengerSeparation: 1.0);
            held += Holds(Request(labels, champion, challenger) with { Guardrails = [new(metric, loss)] }) ? 1 : 0;
        }

        Assert.InRange((double)held / repetitions, 0, Alpha + (3 * Math.Sqrt(Alpha * (1 - Alpha) / repetitions)));
    }

    [Fact]
    public void A_gain_on_the_whole_that_a_slice_pays_for_is_not_promoted()
    {
        var (labels, champion, challenger) = Simulation.Classifiers(3, 3000, championSeparation: 0.8, challengerSeparation: 2.5);
        var random = new StableRandom(4);
        var contract = labels
            .Select(
                (_, i) =>
                    i % 5 == 0 ? "two-year"
                    : i % 251 == 0 ? null
                    : i % 250 == 1 ? "trial"
                    : "monthly"
            )
            .ToArray();
        for (var i = 0; i < labels.Length; i += 5)
        {
            // The customers with a contract of two years get scores of nothing.
            challenger[i] = random.NextDouble();
        }

        var request = Request(labels, champion, challenger) with
        {
            Slices = new SliceGuardrail([Column.FromTexts("contract", contract)], null, 0.05),
        };
        var verdict = ModelComparison.Compare(request);

        Assert.False(verdict.Promote);
        Assert.StartsWith("auc where contract = two-year (600 rows) goes from", verdict.Reasons.Single());
        Assert.True(ModelComparison.Compare(request with { Slices = null }).Promote);
        Assert.Equal(["monthly", "two-year", "trial", null], verdict.Guardrails.Select(g => g.Value));
        Assert.Equal([true, false, null, null], verdict.Guardrails.Select(g => g.Holds));
        Assert.Contains(
            verdict.Rules,
            r => r.Text == "auc where contract = trial (11 rows) is not judged: fewer than 100 rows." && r.Holds is null
        );
    }

    [Fact]
    public void A_slice_that_is_not_defined_for_the_challenger_is_no_pass()
    {
        var (labels, champion, challenger) = Simulation.Classifiers(5, 2000, championSeparation: 0.8, challengerSeparation: 2.5);
        for (var i = 0; i < labels.Length; i += 4)
        {
            challenger[i] = Math.Min(challenger[i], 0.4);
        }

        // In every fourth row it never predicts the positive class: precision is 0 / 0 there.
        var by = Column.FromTexts("part", [.. labels.Select((_, i) => i % 4 == 0 ? "fourth" : "rest")]);
        var verdict = ModelComparison.Compare(
            Request(labels, champion, challenger) with
            {
                Slices = new SliceGuardrail([by], "precision", 0.2),
            }
        );

        Assert.False(verdict.Promote);
        Assert.Contains(verdict.Reasons, r => r.Contains("to undefined, but paired bootstrap is undefined on these rows"));
    }

    [Fact]
    public void Any_of_several_metrics_is_corrected_by_Holm_and_none_may_be_worse()
    {
        var (labels, champion, challenger) = Simulation.Classifiers(1, 800, championSeparation: 0.8, challengerSeparation: 2.5);
        var any = Request(labels, champion, challenger) with { Metrics = ["auc", "accuracy"], Require = MetricRequirement.Any };

        // Better by auc, the same decisions: promoted, and accuracy decides nothing.
        double[] sameDecisions =
        [
            .. challenger.Select((score, i) => champion[i] > 0.5 == score > 0.5 ? score : 0.5 + (champion[i] > 0.5 ? 1e-6 : -1e-6)),
        ];
        var promoted = ModelComparison.Compare(any with { Challenger = sameDecisions });
        Assert.True(promoted.Promote, string.Join("\n", promoted.Reasons));
        Assert.Equal([true, null], promoted.Rules.Where(r => r.Kind == "better").Select(r => r.Holds));
        Assert.False(ModelComparison.Compare(any with { Challenger = sameDecisions, Require = MetricRequirement.All }).Promote);

        // Better by auc, but it now says yes to everybody.
        double[] yes = [.. challenger.Select(score => 0.5001 + (score * 0.4))];
        var worse = ModelComparison.Compare(any with { Challenger = yes });
        Assert.False(worse.Promote);
        Assert.Contains("accuracy goes from", worse.Reasons.Single());
        Assert.Contains("significantly worse", worse.Reasons.Single());
    }

    [Fact]
    public void Any_of_five_metrics_promotes_no_more_equal_challengers_than_alpha()
    {
        const int repetitions = 300;
        var promoted = 0;
        for (var seed = 0; seed < repetitions; seed++)
        {
            var (labels, champion, challenger) = Simulation.Classifiers(seed, 200);
            promoted += ModelComparison
                .Compare(
                    Request(labels, champion, challenger) with
                    {
                        Metrics = ["auc", "accuracy", "log_loss", "f1", "recall"],
                        Require = MetricRequirement.Any,
                        BootstrapReplicates = 200,
                    }
                )
                .Promote
                ? 1
                : 0;
        }

        Assert.InRange((double)promoted / repetitions, 0, Alpha + (3 * Math.Sqrt(Alpha * (1 - Alpha) / repetitions)));
    }

    [Fact]
    public void A_metric_may_have_a_minimum_effect_of_its_own()
    {
        var (labels, champion, challenger) = Simulation.Classifiers(1, 800, championSeparation: 0.8, challengerSeparation: 2.5);
        var request = Request(labels, champion, challenger) with
        {
            Metrics = ["auc", "accuracy"],
            MinimumEffects = new Dictionary<string, double> { ["accuracy"] = 0.6 },
        };

        Assert.EndsWith("but the gain must be at least 0.6.", ModelComparison.Compare(request).Reasons.Single());
        Assert.Throws<ServerlessException>(() => ModelComparison.Compare(request with { Guardrails = [new("recall", -1)] }));
        Assert.Throws<ServerlessException>(() => ModelComparison.Compare(request with { Guardrails = [new("recal", 0.1)] }));
    }

    private static bool Holds(ComparisonRequest request) => ModelComparison.Compare(request).Guardrails.Single().Holds == true;

    private static ComparisonRequest Request(double[] labels, double[] champion, double[] challenger) =>
        new()
        {
            Labels = labels,
            Champion = champion,
            Challenger = challenger,
            Alpha = Alpha,
        };
}
